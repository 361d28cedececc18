"""Hinton, 1986: Learning distributed representations of concepts."""
