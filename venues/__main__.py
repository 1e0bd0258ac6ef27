"""Lets `python -m venues` do what the `venues` command does."""

from venues.cli import main

if __name__ == "__main__":
    main()
