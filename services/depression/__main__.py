"""`python -m services.depression`, which `./screening` runs."""

import sys

if __name__ == "__main__":
    try:
        # Only here: these imports take a second, in which Ctrl-C is no traceback either.
        from services.depression.cli import main

        main()
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(130)
