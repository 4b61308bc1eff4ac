"""Gifts: the catalogue, and sending them, which moves coins from the sender to the creator and the house."""
