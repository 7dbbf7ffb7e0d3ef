"""Fine-tuning of a sentence encoder, in JAX; of the extra tune, and needed by nothing that runs.

tensors     numbers of a file of safetensors
bert        the encoder itself: token numbers in, points out
network     an encoder and the head on it: what is learned, and by which steps
checkpoint  what is on disk after each epoch, so that a training goes on where it was stopped
train       epochs, told one by one
export      the encoder as an ONNX graph
tuned       all of it: labelled posts in, the files of a model out
"""
