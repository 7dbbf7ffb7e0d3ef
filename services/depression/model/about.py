"""What a model looks for signs of."""

# What those were about that did not say so.
ABOUT = "depression"
