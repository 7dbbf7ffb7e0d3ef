"""Models of any kind: the folder that one is kept in, and the places where several versions lie side by side.

    folder → versions, shelf → in_use

What a model computes is its kind's; here it is files with checksums, a version and nothing else.
"""
