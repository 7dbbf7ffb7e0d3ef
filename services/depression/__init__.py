"""Screening for signs of depression: a running picture of all a user wrote, and what a model makes of it.

It supports experts; it never decides about a person.
"""
