"""Same child? What may be one child under two names, what is decided about it, and how to undo."""
