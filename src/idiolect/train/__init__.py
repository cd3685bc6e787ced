"""Training: packing, stages, adapters, merge."""
