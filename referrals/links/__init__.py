"""People, places, vehicles and phones that several cases name."""
