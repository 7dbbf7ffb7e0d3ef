"""The client kafka-python, in pure Python."""
