"""What is read about reports, cases and strikes."""
