"""`python -m catenae`: the same as the command `catenae`."""

from catenae.cli import main

main()
