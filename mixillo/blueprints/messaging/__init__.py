"""Messaging: what people write to each other, in pairs and in groups, and who of them is there."""
