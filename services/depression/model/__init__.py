"""The maths of the screening, free of catenae: numpy arrays in, numpy arrays out.

    text → counts → segments, picture    what the nodes of the topology compute
    artefact                             the trained model they compute it with
    collection → scores                  what training and evaluation read and report

Running needs numpy alone; scikit-learn is needed to train.
"""
