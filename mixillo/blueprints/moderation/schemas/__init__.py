"""Reports, cases and strikes as clients send them, ask for them and are shown them."""
