"""What is done with notifications."""
