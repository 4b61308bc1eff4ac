"""Rules and writes of shipping."""
