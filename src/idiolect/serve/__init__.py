"""Serving: an OpenAI-compatible API over the exported file."""
