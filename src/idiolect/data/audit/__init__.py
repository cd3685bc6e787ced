"""What is wrong with a dataset: a table of checks (`checks`), one module a family of them, and `run`, which asks them all."""
