"""Rules and writes of stores and of those who sell in them."""
