"""`data.blend` of the project file: of what, and in which order, a stage's training part is put together."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from idiolect.core.documents import Model

REST = "rest"
"""The name of what no source names."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class BlendSource(Model):
    """A part of `data.sources` and `data.corpus` that gets a share of its own."""

    name: Name
    """Shown with its share."""
    paths: tuple[str, ...] = Field(min_length=1)
    """Folders or files in `data.sources` and `data.corpus`. The longest path that fits decides."""
    weight: float | None = Field(default=None, gt=0.0, le=1e6)
    """Its part of the tokens, against the weights of the others."""


class Replay(Model):
    """General material that is mixed in, so that the model keeps what it could do. It is trained on only, never measured on."""

    name: Name
    """Shown with its share."""
    sources: tuple[str, ...] = ()
    """General instructions, for a stage with objective sft: folders of Markdown examples, or `.jsonl` files."""
    corpus: tuple[str, ...] = ()
    """General code or text, for a stage with objective cpt: folders of text files, or `.jsonl` files, `text` on every line."""
    share: float = Field(default=0.05, gt=0.0, le=0.5)
    """Its share of all tokens of the stage; 0.05 to 0.1 is usual."""

    @model_validator(mode="after")
    def _something_is_there(self) -> Self:
        if not self.sources and not self.corpus:
            raise ValueError(f"replay {self.name}: name its sources (for sft) or its corpus (for cpt), or both")
        return self


class Slice(Model):
    """Records that stand in the training part more often than once. All that is given must fit, and of a list one is enough."""

    name: Name
    """Shown with its share."""
    types: tuple[Literal["completion", "comprehension", "migration", "explanation"], ...] = ()
    """Of examples."""
    generations: tuple[str, ...] = ()
    """Of examples what they say; of raw programs what the pack takes them for."""
    tags: tuple[str, ...] = ()
    """Of examples."""
    times: float = Field(gt=1.0, le=100.0)
    """How often each stands there; of 1.5, every record once and half of them twice."""

    @model_validator(mode="after")
    def _something_is_named(self) -> Self:
        if not (self.types or self.generations or self.tags):
            raise ValueError(f"slice {self.name}: say what belongs to it with types, generations or tags")
        return self


class Blend(Model):
    """Shares of the training part, in tokens. Without it, every record stands there once."""

    sources: tuple[BlendSource, ...] = ()
    """Parts that get a share by weight or by temperature. What no part names is one more, `rest`."""
    rest: float = Field(default=1.0, gt=0.0, le=1e6)
    """The weight of what no part names."""
    temperature: float | None = Field(default=None, ge=1.0, le=100.0)
    """Instead of weights: shares go with (tokens of the part) ** (1 / temperature). 1 leaves them as they are, and the higher,
    the more equal they get."""
    slices: tuple[Slice, ...] = ()
    """Records that are repeated."""
    replay: tuple[Replay, ...] = ()
    """General code and general instructions."""
    curriculum: Literal["none", "length", "difficulty"] = "none"
    """In which order an epoch goes: shuffled; from short records to long ones; or from basic to advanced. Within a step of that
    ladder it is shuffled. Raw programs have no difficulty and go by length."""

    @model_validator(mode="after")
    def _it_makes_sense(self) -> Self:
        names = [REST, *(each.name for each in (*self.sources, *self.replay, *self.slices))]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"the name {twice} stands for two things: names of sources, replay and slices must differ")
        weighed = [each.name for each in self.sources if each.weight is not None]
        if self.temperature is not None and (weighed or not self.sources):
            what = f"source {weighed[0]} has a weight" if weighed else "there are no sources"
            raise ValueError(f"temperature is given and {what}: give the sources either weights or a temperature")
        if self.temperature is None and len(weighed) < len(self.sources):
            bare = next(each.name for each in self.sources if each.weight is None)
            raise ValueError(f"source {bare} has no weight: give every source one, or a temperature instead")
        if sum(each.share for each in self.replay) > 0.5:
            raise ValueError("the shares of replay are more than 0.5 together: most of a stage should be your own")
        return self
