"""COBOL: a pack without code, on GnuCOBOL."""
