"""What every floor stands on: the record base, the transition table, errors, the clock."""
