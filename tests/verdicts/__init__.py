"""Tests of explorer/verdicts."""
