"""Data: read, augment, split."""
