"""The command line; each module exposes one click command called `command`."""
