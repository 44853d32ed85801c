"""Migrations of the ledger: state only, the table is made by sql/ledger.sql."""
