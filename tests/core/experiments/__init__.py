"""Tests of explorer/core/experiments."""
