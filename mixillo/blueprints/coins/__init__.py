"""Coins: the packages that are sold, buying them, and paying out what was earned."""
