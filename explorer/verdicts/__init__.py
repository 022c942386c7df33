"""Sentences that are computed: what the numbers on the screen amount to, a module a picture."""
