"""Near-duplicates of a corpus beyond one machine: candidates by datatrove's MinHash, decided exactly (ADR 0011).

`texts` and `clusters` know nothing of datatrove. `steps` are the pieces of its pipelines, `search` puts them together.
"""
