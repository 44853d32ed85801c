"""What the board sees: audit trails made, published, read and signed for."""
