"""What is done with comments; counters change in the same transaction as what they count."""
