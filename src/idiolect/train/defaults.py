"""What a project leaves open, with the source of each value; and values outside of what is known to be good, with the reason.

No torch here: all of this is settled before a stage's manifest is hashed, so the manifest holds what was trained with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from idiolect.core.config import Adapter, Method, Stage

LARGE = 30_000_000_000
"""Parameters above which instruction tuning begins at half the rate."""
SMALL = 500_000_000
"""Parameters below which higher rates are usual: the best rate falls with the size (Kaplan et al. 2020, arXiv 2001.08361)."""
FEW_RECORDS = 1000
"""Records below which dropout is higher."""
QLORA = "Dettmers et al. 2023, QLoRA, arXiv 2305.14314"
SHADOW = "Wu et al. 2025, Shadow-FT, arXiv 2505.12716"
LESS = "Biderman et al. 2024, LoRA Learns Less and Forgets Less, arXiv 2405.09673"
RSLORA = "Kalajdzievski 2023, rsLoRA, arXiv 2312.03732"
TULU = "Ivison et al. 2023, Tulu 2, arXiv 2311.10702"
ZEPHYR = "Tunstall et al. 2023, Zephyr, arXiv 2310.16944"
CLIP = "Pascanu et al. 2013, arXiv 1211.5063"
REPEATED = "Muennighoff et al. 2023, arXiv 2305.16264"
NEFTUNE = "Jain et al. 2023, NEFTune, arXiv 2310.05914"
SMOOTH = "Szegedy et al. 2015, arXiv 1512.00567"
SOFT = "the examples of PEFT's documentation"
_INSTRUCT = re.compile(r"(^|[-_. ])(instruct|chat|it)([-_. ]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Default:
    """A value that the project file does not give."""

    key: str
    value: object
    why: str
    source: str

    def __str__(self) -> str:
        return f"{self.key} {self.value} by default: {self.why} ({self.source})"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the values depend on besides the settings."""

    parameters: int
    """Of the base."""
    instruct: bool
    """Whether the base is an Instruct model."""
    records: int
    """Examples or programs the stage trains on."""
    after_programs: bool
    """Whether an earlier stage trained on raw programs."""


@dataclass(frozen=True, slots=True)
class Settings:
    """A stage with nothing left open."""

    stage: Stage
    adapter: Adapter
    defaults: tuple[Default, ...]
    warnings: tuple[str, ...]


def is_instruct(name: str) -> bool:
    """Whether a base has been taught to follow instructions already, going by the last part of its name or path."""
    return bool(_INSTRUCT.search(name.rstrip("/").rpartition("/")[2]))


def settle(stage: Stage, adapter: Adapter, facts: Facts) -> Settings:
    """Fill in what `stage` and `adapter` leave open, and say what of the result is out of the ordinary."""
    rate, dropout = _rate(stage, adapter.method, facts), _dropout(facts.records)
    settled = stage.model_copy(update={"learning_rate": rate.value} if stage.learning_rate is None else {})
    opened = adapter.model_copy(update={"dropout": dropout.value} if adapter.dropout is None else {})
    defaults = (*_of_stage(stage, rate, facts), *_of_adapter(adapter, dropout))
    return Settings(settled, opened, tuple(defaults), tuple(_warnings(settled, opened, facts)))


def _of_stage(stage: Stage, rate: Default, facts: Facts) -> Iterator[Default]:
    if stage.learning_rate is None:
        yield rate
    if "max_grad_norm" not in stage.model_fields_set:
        yield Default("max_grad_norm", stage.max_grad_norm, "one bad batch then moves the weights no further than others", CLIP)
    if facts.instruct and "epochs" not in stage.model_fields_set:
        yield Default("epochs", stage.epochs, "an Instruct model forgets with every further pass", SHADOW)


def _of_adapter(adapter: Adapter, dropout: Default) -> Iterator[Default]:
    given = adapter.model_fields_set
    if not adapter.low_rank:
        return
    if "rank" not in given:
        yield Default("rank", adapter.rank, "a language that a model hardly knows wants more than the 16 of a style", LESS)
    if "alpha" not in given:
        yield Default("alpha", adapter.alpha, "twice the default rank", LESS)
    if "targets" not in given:
        yield Default("targets", adapter.targets, "all layers together come nearest to training every weight", QLORA)
    if adapter.dropout is None:
        yield dropout


def _rate(stage: Stage, method: Method, facts: Facts) -> Default:
    def rate(value: float, why: str, source: str) -> Default:
        return Default("learning_rate", value, why, source)

    if stage.objective == "dpo" and method == "full":
        return rate(5e-7, "a preference moves a model by little", ZEPHYR)
    if stage.objective == "dpo":
        return rate(5e-6, "a preference moves a model by little; an adapter takes ten times the rate of all weights", ZEPHYR)
    if method in {"prompt", "prefix"}:
        return rate(1e-2, "virtual tokens begin far from where they end", SOFT)
    if facts.instruct:
        return rate(1e-5, "an Instruct model loses what it was aligned to at higher rates", SHADOW)
    if method == "full":
        return rate(2e-5, "every weight moves, so each moves little", TULU)
    if stage.objective == "cpt":
        return rate(2e-4, "a new language, on a base", QLORA)
    if facts.after_programs:
        return rate(5e-5, "instructions after programs: a lower rate forgets less of the stage before", LESS)
    if facts.parameters > LARGE:
        return rate(1e-4, "one stage, base of more than 30 billion parameters", QLORA)
    return rate(2e-4, "one stage, base of at most 30 billion parameters", QLORA)


def _dropout(records: int) -> Default:
    if records < FEW_RECORDS:
        return Default("dropout", 0.1, f"fewer than {FEW_RECORDS} records are learnt by heart more easily", QLORA)
    return Default("dropout", 0.05, f"{FEW_RECORDS} records or more", QLORA)


def _warnings(stage: Stage, adapter: Adapter, facts: Facts) -> Iterator[str]:
    where = f"stages.{stage.name}"
    if facts.instruct:
        yield (
            "the base is an Instruct model: training it costs some of what it was aligned to (the alignment tax, Ouyang et al."
            f" 2022, arXiv 2203.02155; {SHADOW}). Train the base it was made of, and graft the difference onto it"
        )
        if stage.epochs > 1:
            yield f"{where}.epochs {stage.epochs:g}: each further pass costs more of the alignment ({SHADOW})"
    yield from _about_rate(stage, adapter.method, facts)
    if stage.epochs > 3:
        yield (
            f"{where}.epochs {stage.epochs:g}: after three passes small data are learnt by heart, and after four repeating"
            f" them adds little ({REPEATED}). 1 to 3 are usual; look at the validation loss"
        )
    if stage.neftune_alpha > 15:
        yield f"{where}.neftune_alpha {stage.neftune_alpha:g}: 5 to 15 is known to be good ({NEFTUNE})"
    if stage.label_smoothing > 0.1:
        yield f"{where}.label_smoothing {stage.label_smoothing:g}: up to 0.1 is known to be good ({SMOOTH})"
    if adapter.low_rank:
        yield from _about_adapter(adapter)


def _about_rate(stage: Stage, method: Method, facts: Facts) -> Iterator[str]:
    low, high, source = _known_good(stage, method, facts.instruct)
    what = f"stages.{stage.name}.learning_rate {stage.peak_rate:g}"
    what_for = "dpo" if stage.objective == "dpo" else method
    if stage.peak_rate < low:
        yield f"{what} is low for {what_for} (known to be good: {low:g} to {high:g}): what is trained may barely move ({source})"
    elif stage.peak_rate > high and facts.parameters >= SMALL:
        yield (
            f"{what} is high for {what_for}{' on an Instruct model' if facts.instruct else ''} (known to be good: {low:g} to"
            f" {high:g}): training may become unstable and forget what the base could do ({source})"
        )


def _known_good(stage: Stage, method: Method, instruct: bool) -> tuple[float, float, str]:
    """Lowest and highest rate, and who says so."""
    if stage.objective == "dpo":
        return 5e-8, 1e-5, ZEPHYR
    if method in {"prompt", "prefix"}:
        return 1e-3, 0.3, "Lester et al. 2021, arXiv 2104.08691"
    if instruct:
        return 5e-6, 1e-4, SHADOW
    if method == "full":
        return 1e-6, 5e-5, TULU
    return 5e-5, 5e-4, QLORA


def _about_adapter(adapter: Adapter) -> Iterator[str]:
    if adapter.rank >= 64 and adapter.method != "rslora":
        yield (
            f"adapter.rank {adapter.rank} without rsLoRA: alpha / rank makes the adapter's part smaller as the rank grows, and"
            f" the ranks above 32 add little. Set adapter.method to rslora ({RSLORA})"
        )
    if adapter.rank < 8:
        yield f"adapter.rank {adapter.rank} is little for a language: 16 is usual for a style, 32 to 64 for a language ({LESS})"
    scale = adapter.alpha / adapter.rank
    if adapter.method != "rslora" and not 0.5 <= scale <= 4:
        yield f"adapter.alpha {adapter.alpha} is {scale:g} times the rank: twice the rank is usual ({LESS})"
    if (adapter.dropout or 0) > 0.1:
        yield f"adapter.dropout {adapter.dropout:g}: 0.05 to 0.1 is known to be good, and more slows learning down ({QLORA})"


def after_programs(stages: Sequence[Stage], stage: Stage) -> bool:
    """Whether a stage before `stage` trains on raw programs."""
    names = [each.name for each in stages]
    return any(each.objective == "cpt" for each in stages[: names.index(stage.name)])
