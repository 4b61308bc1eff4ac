"""Live streams: states, rooms with chat, likes and gifts, who watches, products shown."""
