"""Lets `python -m conversas` be the command line, where a script of that name is not on the path."""

from conversas.cli import main

if __name__ == "__main__":
    main()
