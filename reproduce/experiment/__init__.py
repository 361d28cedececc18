"""What is particular to one experiment: cases, measures, pictures."""
