"""What is read about orders."""
