"""Categories: the shelves of the shop, one below the other."""
