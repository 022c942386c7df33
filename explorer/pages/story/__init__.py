"""The trick, told."""
