"""Recording events, reckoning days, saying what follows from them."""
