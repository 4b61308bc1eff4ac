"""What is read about gifts: the catalogue, what was sent, and what it adds up to."""
