"""idiolect: teach an open code model one shop's language, and let the compiler say whether it learned it."""
__version__ = "0.1.0"
