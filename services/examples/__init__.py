"""The first examples: small enough to be read in a minute, and tested like everything else."""
