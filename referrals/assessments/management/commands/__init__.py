"""`load_tools`, `approve_tool`."""
