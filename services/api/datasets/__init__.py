"""Datasets: the posts of labelled users, for people and for the next training."""
