"""Tests of explorer/core/objectives."""
