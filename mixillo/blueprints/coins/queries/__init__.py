"""What is read about coins."""
