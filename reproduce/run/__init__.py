"""A population of replicas through time: loop, checkpoint, tracking, record."""
