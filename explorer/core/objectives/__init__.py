"""The functions f whose expectations are wanted: those on the menus, and a visitor's own formula."""
