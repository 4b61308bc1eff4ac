"""What is reported and decided; every decision and its traces are one transaction."""
