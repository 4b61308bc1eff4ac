"""What changes about people; signals tell other features after the commit."""
