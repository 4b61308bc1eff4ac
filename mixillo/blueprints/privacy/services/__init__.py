"""Collecting somebody's data, and deleting it."""
