"""Actions that a named person owns, and reviews of what difference they made."""
