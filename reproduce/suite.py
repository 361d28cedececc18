"""`python -m reproduce.suite`: see `reproduce.run.suite`. Ctrl-C is quiet from the start."""

import sys

from reproduce.run.processes import stop_on_interrupt

if __name__ == "__main__":
    stop_on_interrupt()
    from reproduce.run.suite import main

    sys.exit(main())
