"""Near-duplicates of a corpus beyond one machine, on datatrove (the extra `scale`): candidates by MinHash, decided exactly (ADR 0011).

`texts` and `clusters` know nothing of datatrove. `steps` are the pieces of its pipelines, `search` puts them together.
"""
