"""Expectations over the noise of a family, to the accuracy that is called exact."""
