"""Stores and applications as the API shows them."""
