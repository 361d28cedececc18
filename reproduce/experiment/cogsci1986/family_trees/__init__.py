"""The family trees of Nature 1986 (p. 534-535) and CogSci 1986 (p. 5-8, 11-12)."""
