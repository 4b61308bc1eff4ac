"""What clients send about posts, ask for, and are shown."""
