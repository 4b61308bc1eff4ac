"""What changes about coins: packages, purchases, conversions."""
