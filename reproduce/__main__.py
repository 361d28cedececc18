"""`python -m reproduce`: see `reproduce.run.command`. Ctrl-C is quiet from the first moment on."""

import sys

from reproduce.run.processes import stop_on_interrupt

if __name__ == "__main__":
    stop_on_interrupt()
    from reproduce.run.command import main

    sys.exit(main())
