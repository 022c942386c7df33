"""Exact answers: gradients of E f, and what one sample of an estimator has for mean and variance."""
