"""The MASE panel: nominations, agenda, packs, the meeting itself, and its minutes."""
