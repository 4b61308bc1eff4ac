"""Products: what sellers offer, how people find it, what they wish for and what they say about it."""
