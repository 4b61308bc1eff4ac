"""Rules and writes of coupons."""
