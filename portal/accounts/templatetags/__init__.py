"""The mark of the author, in every form."""
