"""Published results, run again over many random starts: `python -m reproduce --help`."""

import logging

logging.getLogger("matplotlib").setLevel(logging.ERROR)  # not a word about its own cache
