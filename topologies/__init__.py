"""Declarations of topologies: which nodes there are and how they hang together, no behaviour."""
