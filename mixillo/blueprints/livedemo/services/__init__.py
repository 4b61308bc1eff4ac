"""What the demo finds there."""
