"""What is tried: every rate with every rank and every seed. A trial is the project with a few values overridden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from idiolect.core.config import Adapter, Project, Stage
from idiolect.core.errors import ConfigError


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """A rate and a rank. None: as the project has it."""

    rate: float | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of the grid."""

    setting: Setting
    seed: int

    @property
    def name(self) -> str:
        """Of its run directory."""
        rate, rank = self.setting.rate, self.setting.rank
        parts = (f"rate-{written(rate)}" if rate else "", f"rank-{rank}" if rank else "", f"seed-{self.seed}")
        return "-".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Grid:
    """What is swept of one stage."""

    stage: str
    rates: tuple[float, ...]
    ranks: tuple[int, ...]
    seeds: tuple[int, ...]

    @property
    def trials(self) -> list[Trial]:
        """All of them, the lowest rates first."""
        return [
            Trial(Setting(rate, rank), seed)
            for rate, rank, seed in product(self.rates or (None,), self.ranks or (None,), self.seeds)
        ]


def make_grid(project: Project, stage: str | None, rates: Sequence[float], ranks: Sequence[int], seeds: Sequence[int]) -> Grid:
    """The grid of a project's stage (None: its last one); values are sorted, each once. No seeds: the project's own.

    Raises:
        ConfigError: there is no such stage, or ranks are asked for where there are none.
    """
    names = [each.name for each in project.stages]
    name = names[-1] if stage is None else stage
    if name not in names:
        raise ConfigError(f"--stage {name}: the project has no such stage", expected=f"one of {', '.join(names)}")
    if ranks and not project.adapter.low_rank:
        raise ConfigError(f"--ranks: adapter.method {project.adapter.method} has no rank", hint="leave --ranks out")
    return Grid(name, tuple(sorted(set(rates))), tuple(sorted(set(ranks))), tuple(sorted(set(seeds))) or (project.seed,))


def stage_of(project: Project, name: str) -> Stage:
    """The project's stage of that name."""
    return next(stage for stage in project.stages if stage.name == name)


def rank_overrides(adapter: Adapter, rank: int | None) -> list[str]:
    """A rank as overrides. alpha follows it, so that alpha / rank, by which the adapter's part is scaled, stays: else a sweep of
    ranks would be one of rates. rsLoRA scales by alpha / sqrt(rank) for this very reason, and its alpha stays."""
    if rank is None:
        return []
    alpha = adapter.alpha if adapter.method == "rslora" else max(1, round(adapter.alpha * rank / adapter.rank))
    return [f"adapter.rank={rank}", f"adapter.alpha={alpha}"]


def overrides(project: Project, stage: str, setting: Setting) -> list[str]:
    """A setting as `key=value`."""
    rate = [f"stages.{stage}.learning_rate={written(setting.rate)}"] if setting.rate is not None else []
    return rate + rank_overrides(project.adapter, setting.rank)


def written(rate: float) -> str:
    """A rate as people write it: `2e-5`, `1.5e-3`, `0.1`."""
    if rate >= 0.01:
        return f"{rate:.7g}"
    digits, _, power = f"{rate:.6e}".partition("e")
    return f"{digits.rstrip('0').rstrip('.')}e{int(power)}"
