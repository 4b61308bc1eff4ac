"""Rules and writes of carts."""
