"""How fast nets of 1986 are trained: this project's way beside the usual ones, on the same work."""
