"""Shapes of products, in and out."""
