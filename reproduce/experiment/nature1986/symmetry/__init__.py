"""Mirror symmetry (Nature 1986, p. 533-534, Fig. 1)."""
