"""What is read of live streams."""
