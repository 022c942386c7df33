"""Tests of explorer.pages."""
