"""Shapes of stories, in and out."""
