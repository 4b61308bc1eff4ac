"""What people pay with: references to what a payment provider keeps, never the numbers themselves."""
