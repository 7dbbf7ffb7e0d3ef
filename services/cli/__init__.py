"""The command line of the application: `./screening`, and what its commands do beside the topologies."""
