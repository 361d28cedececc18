"""Every experiment in one command, with its progress in time."""
