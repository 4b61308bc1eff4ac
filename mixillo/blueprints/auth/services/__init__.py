"""The rules of signing in."""
