"""What only a visit knows: the frame of a page, its controls, its link, its memory, its turns on the processor."""
