"""The casework: child, case, referral, statement, grant, and the reading that obeys the grants."""
