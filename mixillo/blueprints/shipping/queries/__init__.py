"""What is read of shipping."""
