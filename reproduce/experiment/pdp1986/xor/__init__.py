"""Exclusive-or (PDP 1986, p. 319 and 330-334)."""
