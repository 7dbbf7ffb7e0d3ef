"""A server of the shared task's rounds, over any collection, on this machine."""
