"""Topologies: declared as data, loaded, typed and drawn."""
