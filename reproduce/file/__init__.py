"""Files that are read and written with care, and where they are."""
