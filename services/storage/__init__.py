"""Where what the topologies find is kept for people to look through."""
