"""The coordinator's board, workspace and decision."""
