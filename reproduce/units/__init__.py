"""The nets of 1986: what a net is, its equations, its rule, and populations of nets."""
