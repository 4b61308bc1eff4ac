"""What is read about supporters."""
