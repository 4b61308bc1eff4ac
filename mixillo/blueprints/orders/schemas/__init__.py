"""Shapes of orders, in and out."""
