"""Training of what judges the words of a post: networks, in JAX, and a support vector machine.

embeddings  which words are known, and what each is at first
network     a network that reads words in order: numbers of words in, log-odds out
learning    how it learns, step by step, until it errs little enough
export      the network as an ONNX graph
fitted      any of the kinds, fitted to texts in words
machines    the support vector machine
trained     all of it: labelled posts in, the files of a model out

It is of the extra tune, and needed by nothing that runs.
"""

# Of what learns step by step: how many at most, and the mean loss at which it stops before.
ITERATIONS, ERROR = 600, 0.02
