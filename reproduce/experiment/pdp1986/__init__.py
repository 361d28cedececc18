"""Rumelhart, Hinton and Williams, 1986: chapter 8 of Parallel Distributed Processing."""
