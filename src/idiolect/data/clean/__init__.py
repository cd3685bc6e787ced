"""Mends what an audit finds: `texts` repairs one record, `systems` deals out system prompts,
`run` repeats until nothing is left."""
