"""`python -m reproduce.suite`: see `reproduce.suite.command`. Ctrl-C is quiet from the start."""

import sys

from reproduce.run.processes import stop_on_interrupt

if __name__ == "__main__":
    stop_on_interrupt()
    from reproduce.suite.command import main

    sys.exit(main())
