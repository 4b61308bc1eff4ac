"""Signing in: registration, sessions and their tokens, passwords, verified e-mail addresses."""
