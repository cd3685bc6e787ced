"""Language packs: what idiolect knows of a language."""
