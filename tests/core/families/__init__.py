"""Tests of explorer/core/families."""
