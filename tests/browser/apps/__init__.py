"""Small apps the browser tests drive."""
