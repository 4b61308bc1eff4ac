"""Orders: from the cart to the door and back again, with goods and money in step."""
