"""How fast this project's attention computes, beside the usual ways, on the same numbers."""
