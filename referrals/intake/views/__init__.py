"""The doors of the question flow."""
