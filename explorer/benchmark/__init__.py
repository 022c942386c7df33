"""How fast the explorer is here, in ratios measured in one run: the engine alone, and what a browser sees."""
