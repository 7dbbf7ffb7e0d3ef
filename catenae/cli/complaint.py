"""How an error is told to the user: one line on the standard error that says what to do."""

import typer


def complain(text: str) -> None:
    """Write the line."""
    typer.echo(f"catenae: {' '.join(text.split())}", err=True)
