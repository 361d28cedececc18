"""Pictures from the kept files of a run: no torch, the same bytes at every drawing."""

from reproduce.figure.draw import draw
from reproduce.figure.page import png

__all__ = ["draw", "png"]
