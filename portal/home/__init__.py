"""What needs me now, by role."""
