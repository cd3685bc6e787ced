"""What a dataset is, in words and numbers: its content hash, its card, and how it differs from another."""
