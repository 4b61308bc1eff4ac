"""The figures of days: reckoned from what happened, as often as wanted, always with the same outcome."""
