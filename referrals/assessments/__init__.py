"""Joint risk assessment: agencies answer apart, compare together, and agree a level."""
