"""A generated collection to try the screening with: people who never were, words nobody wrote.

`phrases` is what can be said, `people` who says what and when, `posts` their posts as raw rows, and `files`
the collection in a folder.
"""
