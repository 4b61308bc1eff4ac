"""What people do: events as clients tell of them, the figures of each day, and what is read out of these."""
