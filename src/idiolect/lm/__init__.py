"""Language models: chat rendering, loading, generation, extraction."""
