"""Comments as clients send them, ask for them and are shown them."""
