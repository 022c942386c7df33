"""What the rest stands on."""
