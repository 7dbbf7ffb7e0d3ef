"""A training of the usual kind in a third of its time: where any model will do, not the best of many."""

from services.depression.recipe import Recipe

QUICK = Recipe(strengths=(8,), class_weights=("balanced",), priors=(100,))
