"""What computes: groups of units and the links between them, attention, Transformer blocks."""
