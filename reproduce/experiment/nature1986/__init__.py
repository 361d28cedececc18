"""Rumelhart, Hinton and Williams, 1986: Learning representations by back-propagating errors."""
