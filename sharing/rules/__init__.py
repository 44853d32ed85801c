"""The law: categories, purposes, gateways, dated rules, and the pure function that decides."""
