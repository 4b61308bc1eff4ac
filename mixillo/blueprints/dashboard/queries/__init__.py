"""What the pages show, as their templates read it."""
