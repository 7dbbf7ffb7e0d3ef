"""Forgetting a user: on the way through a running topology, and for good in the files of one that is stopped.

Who has been silent for a time that is set is forgotten as well, until they write again.

A request is the library's, keyed by user: every node forgets what State and `personal` documents keep of the
user, and passes it on. Services add what they keep elsewhere.
"""
