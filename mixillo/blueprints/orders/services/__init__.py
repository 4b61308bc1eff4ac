"""What is done with orders. Goods, coupons, money and the order itself change in one transaction, or not at all."""
