"""`python -m services.api`: the accounts, where the rest of the screening's commands is not installed."""

from catenae import command_line
from services.api.cli import app
from services.api.sign_in.accounts import AccountError
from services.api.sign_in.passwords import Unfit

if __name__ == "__main__":
    command_line("user", lambda: app(prog_name="user"), expected=(AccountError, Unfit))
