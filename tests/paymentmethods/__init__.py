"""What people pay with."""
