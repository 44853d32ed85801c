"""The practice of sharing: why can I see this, who else can."""
