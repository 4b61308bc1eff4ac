"""Wallets and the ledger below them: who has how much, and why."""
