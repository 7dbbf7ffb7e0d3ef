"""Data folders of LMDB: how one is opened and shared, and how its file is made anew."""
