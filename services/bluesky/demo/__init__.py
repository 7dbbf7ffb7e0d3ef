"""A Jetstream on this machine, over the community that the local Reddit has, too."""
