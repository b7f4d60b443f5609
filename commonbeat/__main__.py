"""Lets `python -m commonbeat` do what the `commonbeat` command does."""

from commonbeat.config.entry import main

if __name__ == "__main__":
    main()
