"""`python -m services.api`: the accounts, where the rest of the screening's commands is not installed."""

from catenae import command_line, keep_private
from services.api.cli import app
from services.api.sign_in.accounts import AccountError
from services.api.sign_in.passwords import Unfit

if __name__ == "__main__":
    keep_private()
    command_line("user", lambda: app(prog_name="user"), expected=(AccountError, Unfit))
