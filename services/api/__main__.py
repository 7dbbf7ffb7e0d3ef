"""`python -m services.api`: the accounts, where the rest of the screening's commands is not installed."""

import sys
from typing import NoReturn

from catenae import CatenaeError
from services.api.cli import app
from services.api.sign_in.accounts import AccountError
from services.api.sign_in.passwords import Unfit


def main() -> NoReturn:
    """Run the command line and exit: 0 when done, 2 after an expected error."""
    try:
        app(prog_name="user")
    except (AccountError, CatenaeError, Unfit) as error:
        sys.stderr.write(f"user: {error}.\n")
        sys.exit(2)
    sys.exit()


if __name__ == "__main__":
    main()
