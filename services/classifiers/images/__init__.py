"""Training models of images: the network that others have trained, as a graph, and a head on its points.

torch_file    numbers in a file of PyTorch, read without it
efficientnet  such a file as ONNX
training      the head
command       the command
"""
