"""Export: GGUF, quantisation, Ollama."""
