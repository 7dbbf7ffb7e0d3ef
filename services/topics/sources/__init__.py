"""Where posts on a topic are looked for: one file each, by the contract in `source.py`."""
