"""Commands of the risk tools."""
