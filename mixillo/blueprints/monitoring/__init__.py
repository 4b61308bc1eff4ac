"""What other systems read and tell about this one: Prometheus, and uptime checkers outside."""
