"""Encoding: eight patterns through three hidden units (PDP 1986, p. 335-337)."""
