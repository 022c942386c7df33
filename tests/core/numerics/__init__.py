"""Tests of explorer/core/numerics."""
