"""`python -m nlpx` is `nlpx`."""

from nlpx.cli.main import main

main()
