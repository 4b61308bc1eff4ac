"""The addresses that people have things sent to."""
