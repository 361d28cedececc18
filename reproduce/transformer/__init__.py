"""Attention Is All You Need: the block, the model, its rule, and its tasks as texts."""
