"""Coupons: who may use which, what they are worth, and that none is used more often than it says."""
