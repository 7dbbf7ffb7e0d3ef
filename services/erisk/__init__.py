"""The early-risk shared task: a local server of its rounds, and what answers one."""
