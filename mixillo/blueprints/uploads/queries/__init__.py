"""What is read about files."""
