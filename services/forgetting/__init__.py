"""Forgetting a user: on the way through a running topology, and for good in the files of one that is stopped.

Who has been silent for a time that is set is forgotten as well, until they write again.

A request is a record with the control header `control-forget`, keyed by user, that every node acts on and
passes on. It keeps its place among the user's other records, so what came before it is gone after it.
"""
