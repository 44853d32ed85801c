"""What people type when they share, ask and answer."""
