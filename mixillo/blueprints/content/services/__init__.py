"""What is done with posts."""
