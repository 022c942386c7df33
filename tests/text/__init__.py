"""Tests of explorer/text."""
