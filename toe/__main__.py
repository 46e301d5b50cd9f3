"""`python -m toe`."""

from toe.cli.main import main

if __name__ == "__main__":
    main()
