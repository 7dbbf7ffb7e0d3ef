"""What a topology has where it runs, beside its processes: folder, manifest, key, and how far it is."""
