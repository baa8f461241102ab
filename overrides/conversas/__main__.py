"""Command line as `python -m conversas`, for when the script `conversas` is not on the path."""

from conversas.cli import main

if __name__ == "__main__":
    main()
