"""Near-duplicates: texts whose 5-shingles of folded tokens have a Jaccard index of at least 0.8. Exact, in arrays (ADR 0008)."""

from idiolect.data.dedup.folding import Fold, Prose, code_fold, folded_tokens
from idiolect.data.dedup.near import THRESHOLD, NearDuplicates, NearIndex, near_duplicates

__all__ = ["THRESHOLD", "Fold", "NearDuplicates", "NearIndex", "Prose", "code_fold", "folded_tokens", "near_duplicates"]
