"""Vaswani and others, 2017: Attention Is All You Need."""
