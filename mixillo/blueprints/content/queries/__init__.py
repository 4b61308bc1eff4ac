"""What is read about posts; every list holds what its reader may see and nothing else."""
