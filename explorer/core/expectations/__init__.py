"""Expectations over the noise of a family, to the accuracy that is called exact: spaces, edges, quadrature, tails."""
