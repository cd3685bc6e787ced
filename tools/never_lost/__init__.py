"""The same faults done to idiolect's training and to Hugging Face's `Trainer`: `python -m tools.never_lost`."""
