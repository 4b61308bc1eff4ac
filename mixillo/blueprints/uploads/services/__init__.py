"""What is done with files. Whoever uses them in another feature needs :mod:`~.linking` alone."""
