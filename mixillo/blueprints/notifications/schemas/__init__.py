"""Shapes of notifications, in and out."""
