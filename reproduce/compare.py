"""`python -m reproduce.compare`: rebuild every table, figure and page from the kept records."""

import sys

from reproduce.page.rebuild import main

if __name__ == "__main__":
    sys.exit(main())
