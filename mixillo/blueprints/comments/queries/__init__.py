"""What is read about comments; nobody finds one under a post that they may not see."""
