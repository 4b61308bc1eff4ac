"""Real documents for tests, one module per feature."""
