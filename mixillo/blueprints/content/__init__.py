"""Posts: videos, pictures and texts, with likes, saves, shares and views; the feeds."""
