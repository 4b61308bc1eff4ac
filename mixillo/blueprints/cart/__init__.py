"""The cart: what somebody is about to buy, signed in or not, and what it will cost."""
