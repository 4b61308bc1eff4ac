"""The operations dashboard under `/ops`: its own operators, sessions and pages."""
