"""The tag that lays possible matches into the page of a case."""
