"""`python -m services.depression`."""

from services.depression.cli import main

if __name__ == "__main__":
    main()
