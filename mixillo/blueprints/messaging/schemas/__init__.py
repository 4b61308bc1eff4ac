"""Shapes of conversations and messages, in and out."""
