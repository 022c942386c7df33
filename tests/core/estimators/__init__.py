"""Tests of explorer/core/estimators."""
