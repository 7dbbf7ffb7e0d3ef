"""Topologies: declared as data, checked, drawn, and run."""
