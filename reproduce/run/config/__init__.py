"""What may be run: the schema of every experiment, its checks, and how Hydra composes it."""
