"""What people type in the practice of sharing."""
