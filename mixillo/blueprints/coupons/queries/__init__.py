"""What is read of coupons."""
