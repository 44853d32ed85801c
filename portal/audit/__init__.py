"""The ledger: every reading, change, share, refusal and export, chained and append-only."""
