"""`python -m services.cli`, which `./screening` runs."""

from catenae import command_line


def run() -> None:
    """Run the command that the arguments name; status 2 after one line about what went wrong."""
    # Only here: these imports take a second, in which Ctrl-C and a lack of memory are one line too.
    from services.cli.application import main  # noqa: PLC0415

    main()


if __name__ == "__main__":
    command_line("screening", run)
