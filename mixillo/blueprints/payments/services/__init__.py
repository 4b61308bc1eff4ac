"""What changes payments: asking for them, what their provider tells of them, their end."""
