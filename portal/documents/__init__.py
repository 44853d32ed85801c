"""Files that the portal makes, and the one function that renders a PDF."""
