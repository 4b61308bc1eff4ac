"""What a person may ask about their own data: all of it, once, and that it be deleted."""
