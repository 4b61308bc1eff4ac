"""The shapes of events and figures: given, asked and shown."""
