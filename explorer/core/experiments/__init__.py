"""What the pictures show, computed: an experiment a file, under its subject's name."""
