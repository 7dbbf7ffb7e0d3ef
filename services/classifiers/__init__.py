"""Classifiers of posts: one contract, models of many kinds, and the nodes that run any of them.

    texts → post_classifier → evidence → evidence_aggregator → text_probabilities, user_probabilities

    classifier     the contract: posts in, judgements out
    kinds/         what makes a classifier of the files of a model, by its kind
    encoders/      what makes a point in space of a sentence
    preprocessing  steps by name, the same in training and in use

A judgement is of a post. What becomes of the posts of a user is evidence about them, and never a decision.
"""
