"""Tests of explorer/core/exact."""
