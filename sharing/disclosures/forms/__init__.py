"""What people who share, ask and answer type."""
