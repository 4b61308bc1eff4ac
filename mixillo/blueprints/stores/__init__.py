"""Stores and those who sell in them: applying, deciding, the store's page and figures, following."""
