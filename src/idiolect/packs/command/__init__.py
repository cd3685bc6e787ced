"""Language packs without code: the compiler is a command, and a manifest says how it is called and what its errors look like."""
