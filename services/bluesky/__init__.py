"""Bluesky as a live network: the posts of its Jetstream as the text records that Reddit's become, too."""
