"""Management commands of the casework."""
