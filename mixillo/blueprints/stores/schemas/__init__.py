"""Shapes of stores and applications, in and out."""
