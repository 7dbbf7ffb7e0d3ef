"""How an error is told to the user: one line on the standard error that says what to do."""

from catenae import edge


def complain(text: str) -> None:
    """Write the line."""
    edge.complain("catenae", text)
