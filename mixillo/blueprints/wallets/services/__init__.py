"""What changes wallets: everything goes through `ledger`."""
