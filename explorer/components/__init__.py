"""Small browser components, a folder each: Python beside its JavaScript and its style sheet."""
