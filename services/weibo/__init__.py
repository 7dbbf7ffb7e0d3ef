"""Weibo as public collections have it: users with what they wrote, as the text records of all networks.

users   the rows of a file, one user each
posts   a user's row as text records
reader  a file as a stream, into a topology
"""
