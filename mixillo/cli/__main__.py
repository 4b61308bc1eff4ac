"""`python -m mixillo.cli`."""

from mixillo.cli.main import main

main()
