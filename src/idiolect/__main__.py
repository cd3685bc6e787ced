"""`python -m idiolect` is the command `idiolect`."""

from idiolect.cli.main import main

if __name__ == "__main__":
    main()
