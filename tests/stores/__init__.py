"""Stores and those who sell in them."""
