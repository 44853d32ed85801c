"""`load_rules`."""
