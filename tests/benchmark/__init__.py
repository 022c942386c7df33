"""Tests of explorer/benchmark."""
