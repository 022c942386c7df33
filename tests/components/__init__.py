"""Tests of the Python sides of the components."""
