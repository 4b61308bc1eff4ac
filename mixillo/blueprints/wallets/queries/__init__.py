"""What is read about wallets."""
