"""Images of posts: fetched from where they may be, decoded where nothing can happen, passed on small.

images         the contract of wherever images are, and why one is none
folder, web    its implementations
request        one https request to an address that was checked, with an end
decode         what runs in a process of its own; decoder: that process
image_fetcher  the node
"""
