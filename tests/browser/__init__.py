"""Tests in a real Chromium: what is drawn, that it moves, that it does not remount. They never skip."""
