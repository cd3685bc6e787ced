"""Putting models together, a tensor at a time: an adapter into its base, several tunings, a tuning onto another model."""
