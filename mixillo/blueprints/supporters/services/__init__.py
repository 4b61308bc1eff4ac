"""What changes the standing of supporters."""
