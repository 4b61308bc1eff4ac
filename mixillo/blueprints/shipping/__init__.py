"""Shipping: where to, by which methods, for how much."""
