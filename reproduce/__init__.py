"""Published results, run again over many random starts: `python -m reproduce --help`."""
