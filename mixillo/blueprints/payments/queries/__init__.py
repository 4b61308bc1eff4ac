"""What is read about payments."""
