"""Core: configuration, errors, records, runs and console; imports no other room."""
