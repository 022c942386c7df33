"""Tests of explorer/visit."""
