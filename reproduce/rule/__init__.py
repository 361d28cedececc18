"""How weights change: the equations of 1986."""
