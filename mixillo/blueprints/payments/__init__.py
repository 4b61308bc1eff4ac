"""Payments: who paid how much for what, through which provider; what follows from it is for the features above."""
