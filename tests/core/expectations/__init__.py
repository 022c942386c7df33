"""Tests of explorer/core/expectations."""
