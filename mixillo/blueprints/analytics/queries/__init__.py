"""Figures as the API shows them."""
