"""From a worry to a sent referral: drafts and question pages."""
