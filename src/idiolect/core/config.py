"""The project file `idiolect.yaml`: frozen models, YAML 1.2, unknown keys refused with a suggestion, errors with line and column.

`load_project` is the only way in. Values may be overridden with `key=value` (dotted: `stages.tuned.epochs=2`), the way the
command line does; the override is parsed as YAML too, so `1e-4` is a number. Secrets never stand in this file: they come from the
environment.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal, Self, cast

from pydantic import Field, model_validator
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from idiolect.core.blend import Blend, Name
from idiolect.core.documents import Model, parse_yaml, read_tree, validate
from idiolect.core.errors import ConfigError

CONFIG_NAME = "idiolect.yaml"
POCKET_BASE = "pocket"


class Language(Model):
    """The language pack and who judges."""

    pack: str = "bbj"
    """Language pack: `bbj`, `cobol`, one that is installed beside idiolect, or the path of a `pack.yaml`."""
    level: str = "syntax"
    """How strictly programs are judged; the pack names its levels."""
    compiler: str | None = None
    """Path of the real compiler. Empty: the pack looks for it (BBj: BBJ_HOME, then PATH), else its embedded checker speaks."""
    include: tuple[str, ...] = ()
    """Folders in which a program's own classes and copybooks are looked up, by a compiler that does."""


class Split(Model):
    """How examples are divided. Near-duplicates always fall on the same side, and no example ever changes its side."""

    validation: float = Field(default=0.1, gt=0.0, lt=0.9)
    """Share of the examples that is never trained on and measures the validation loss."""
    test: float = Field(default=0.0, ge=0.0, lt=0.9)
    """Share of the examples that nothing of a run looks at: kept for a last measurement."""
    frozen: str = "split.json"
    """The file that says which side every example is on. A run adds what is new to it; keep it with the examples."""
    held_out: tuple[str, ...] = ()
    """More `.jsonl` files of tasks that nothing may give away, besides `evaluation.suite`: a challenge set, say."""

    @model_validator(mode="after")
    def _something_is_left(self) -> Self:
        if self.validation + self.test > 0.9:
            raise ValueError(
                f"validation and test are {self.validation + self.test:g} together: at most 0.9, the rest is trained on"
            )
        return self


class Augment(Model):
    """Examples made of each example: variants in other words and with other names and values, each checked before it is kept; and
    the same program asked about in other ways."""

    variants: int = Field(default=0, ge=0, le=200)
    """Variants per instruction example, on top of the example itself."""
    corpus_variants: int = Field(default=0, ge=0, le=200)
    """Renamed variants per raw program."""
    repairs: int = Field(default=0, ge=0, le=20)
    """Repairs per instruction example: its program with one small change that is rejected, shown with what was said of it; the
    answer is the program as it was."""
    explained: bool = False
    """Also ask what each example's program does, where the example explains it."""


class Preferences(Model):
    """Pairs for a stage with objective `dpo`: an answer and a worse one to the same question."""

    sources: tuple[str, ...] = ()
    """Files or folders of preference pairs (`prompt`, `chosen`, `rejected`). A program in a chosen answer must compile."""
    mutations: int = Field(default=0, ge=0, le=100)
    """Pairs made of each example that holds a program: the worse answer has one small change, and the validator rejects it."""


class Data(Model):
    """What the shop has."""

    sources: tuple[str, ...] = Field(default=("training-data",), min_length=1)
    """Instruction examples: folders of Markdown examples, or ChatML `.jsonl` files."""
    corpus: tuple[str, ...] = ()
    """Raw programs for continued pretraining: folders or files."""
    split: Split = Split()
    augment: Augment = Augment()
    blend: Blend | None = None
    """Shares of the training part, in tokens. Empty: every record stands there once."""
    preferences: Preferences = Preferences()
    """Pairs of answers for a stage with objective dpo."""

    @model_validator(mode="after")
    def _blend_names_what_is_there(self) -> Self:
        read = [PurePosixPath(path) for path in (*self.sources, *self.corpus)]
        for each in self.blend.sources if self.blend else ():
            for path in each.paths:
                if not any(PurePosixPath(path).is_relative_to(known) for known in read):
                    raise ValueError(f"blend.sources {each.name}: {path} is in none of data.sources and data.corpus")
        return self


def _clipping(stage: dict[str, Any]) -> float:
    """A preference moves a model by little, so its gradients are clipped tighter."""
    return 0.3 if stage.get("objective") == "dpo" else 1.0


class Stage(Model):
    """One training stage. All stages are calls of one function."""

    name: Name
    """Shown in the report; also a folder's name."""
    objective: Literal["cpt", "sft", "dpo"]
    """`cpt`: continued pretraining on raw programs. `sft`: instruction examples, loss on the assistant's answer only. `dpo`:
    pairs of answers, the better one made likelier than the worse one, compared with the model as it is when the stage begins."""
    learning_rate: float | None = Field(default=None, gt=0.0, le=1.0)
    """Peak rate of AdamW; warm-up is linear, decay is cosine down to a tenth. Empty: by method, objective, stages and base; what
    it comes to is printed with its source."""
    epochs: float = Field(default=1.0, gt=0.0, le=100.0)
    """Passes over the training part."""
    pack_length: int = Field(default=1024, ge=32, le=131072)
    """Tokens a packed row holds. Documents of `cpt` are split over rows, never truncated."""
    fim_rate: float = Field(default=0.0, ge=0.0, le=1.0)
    """`cpt` only: share of the programs that have a hole in them, cut at a syntax border. The model sees what stands around it,
    and the loss is on the middle only: what editors ask for while somebody types."""
    fim_suffix_first: float = Field(default=0.5, ge=0.0, le=1.0)
    """Share of those in which the suffix stands before the prefix (SPM instead of PSM)."""
    beta: float = Field(default=0.1, gt=0.0, le=10.0)
    """`dpo` only: how firmly the model is held to what it was; smaller lets it go further."""
    own_answers: int = Field(default=0, ge=0, le=100000)
    """`dpo` only: prompts of the training part that the model answers when the stage begins, and in proportion of the validation
    part. An answer that the validator rejects becomes the worse one of a pair."""
    batch_tokens: int = Field(default=4096, ge=32)
    """Tokens per optimiser step (rounded to whole packed rows)."""
    micro_batch_tokens: int | None = Field(default=None, ge=32, le=1048576)
    """Tokens of one forward pass at most; larger steps are accumulated. Empty: as many as fit the memory, up to 16,384 on a GPU
    and 8,192 on a CPU (`idiolect plan` says which)."""
    checkpointing: Literal["auto", "on", "off"] = "auto"
    """Whether layers are computed again in the backward pass instead of being kept: less memory, half as much time again. `auto`:
    only where the memory asks for it."""
    warmup: float = Field(default=0.03, ge=0.0, lt=1.0)
    """Share of the steps over which the rate rises."""
    weight_decay: float = Field(default=0.0, ge=0.0, le=1.0)
    max_grad_norm: float = Field(default_factory=_clipping, gt=0.0)
    """Norm that a step's gradient is clipped to. Empty: 1.0."""
    neftune_alpha: float = Field(default=0.0, ge=0.0, le=100.0)
    """Noise on the embeddings while training, uniform up to alpha / sqrt(tokens of the sequence x embedding size); 5 is where to
    begin. 0: none."""
    label_smoothing: float = Field(default=0.0, ge=0.0, lt=1.0)
    """`cpt` on whole programs only: share of a token's probability that is spread over the vocabulary."""
    allow_instruct: bool = False
    """`cpt` on an Instruct base is refused, because raw text unteaches it to follow instructions: true does it all the same."""
    handover: Literal["chain", "merge"] = "chain"
    """How this stage takes over from the one before: `chain` goes on with its adapter, `merge` merges that adapter into
    the base in full precision and starts a fresh one."""
    evaluations: int = Field(default=4, ge=1, le=1000)
    """Times the validation loss is measured (and a checkpoint written), the last one at the end."""
    keep_checkpoints: int = Field(default=3, ge=1, le=3)
    """Checkpoints kept while a stage works. The best one and the two newest always are, so that a damaged one costs little."""
    samples: int = Field(default=0, ge=0, le=1000)
    """Validation examples that are answered and judged whenever the validation loss is measured, so that compile@1 is a curve
    too. 0: none, as it costs time. The held-out tasks are never used for it."""
    best_by: Literal["validation_loss", "compile_at_1"] = "validation_loss"
    """Which checkpoint a stage ends with: the one with the lowest validation loss, or with the highest compile@1 (it needs
    `samples`; of equal ones the lower loss decides)."""

    @property
    def peak_rate(self) -> float:
        """`learning_rate` of a stage whose defaults are resolved (`train.defaults`).

        Raises:
            ValueError: they are not.
        """
        if self.learning_rate is None:
            raise ValueError(f"stage {self.name}: learning_rate is not resolved")
        return self.learning_rate

    @model_validator(mode="after")
    def _holes_are_in_programs(self) -> Self:
        if self.fim_rate and self.objective != "cpt":
            raise ValueError(f"stage {self.name}: fim_rate is for a stage with objective cpt")
        if self.neftune_alpha and self.objective == "dpo":
            raise ValueError(f"stage {self.name}: neftune_alpha is for a stage with objective cpt or sft")
        if self.label_smoothing and (self.objective != "cpt" or self.fim_rate):
            raise ValueError(
                f"stage {self.name}: label_smoothing does not go with a masked loss: with few trained tokens, each with one right"
                " answer, it teaches doubt about the answer. It is for cpt without fim_rate"
            )
        return self

    @model_validator(mode="after")
    def _what_decides_is_measured(self) -> Self:
        if self.best_by == "compile_at_1" and not self.samples:
            raise ValueError(f"stage {self.name}: best_by compile_at_1 needs samples: 20, say, to measure it with")
        return self

    @model_validator(mode="after")
    def _pairs_are_preferred(self) -> Self:
        if self.objective != "dpo" and (self.own_answers or self.beta != type(self).model_fields["beta"].default):
            raise ValueError(f"stage {self.name}: beta and own_answers are for a stage with objective dpo")
        return self


Method = Literal["lora", "rslora", "dora", "qlora", "full", "prompt", "prefix"]


class Adapter(Model):
    """What is trained of the model."""

    method: Method = "lora"
    """`lora`: low-rank adapters. `rslora`: scaled by alpha / sqrt(rank), for high ranks. `dora`: magnitude and direction apart.
    `qlora`: on a base held in 4 bits (NF4, quantised twice). `full`: every weight. `prompt`, `prefix`: virtual tokens before the
    input, or before every layer's keys and values; these two cannot be merged, so they are evaluated and not exported."""
    rank: int = Field(default=32, ge=1, le=1024)
    """Of the LoRA methods."""
    alpha: int = Field(default=64, ge=1, le=4096)
    """Of the LoRA methods: what is added to a layer is scaled by alpha / rank."""
    dropout: float | None = Field(default=None, ge=0.0, lt=1.0)
    """Of the LoRA methods, on what goes into an adapter. Empty: by how many records a stage trains on."""
    targets: Literal["all-linear"] | tuple[str, ...] = "all-linear"
    """Of the LoRA methods: linear layers that get an adapter, all of the attention and MLP ones, or a list of module names."""
    modules_to_save: tuple[str, ...] = ()
    """Of the LoRA methods: modules that are trained whole besides, `embed_tokens` and `lm_head` for a new vocabulary, say."""
    start: str | None = None
    """Folder of an adapter of this base that the first stage goes on with. Empty: it begins a fresh one."""
    merge_base: str | None = None
    """Of a base that is stored in 4 bits (bitsandbytes): the same model in full precision, a folder or a name on the Hub. The
    adapter is trained on the one, and scored on and merged into the other."""
    virtual_tokens: int = Field(default=20, ge=1, le=1024)
    """Of `prompt` and `prefix`: how many."""

    @property
    def mergeable(self) -> bool:
        """Whether the weights of a model can take in what was trained."""
        return self.method not in {"prompt", "prefix"}

    @property
    def low_rank(self) -> bool:
        """Whether it is one of the LoRA methods."""
        return self.method in {"lora", "rslora", "dora", "qlora"}

    @model_validator(mode="after")
    def _whole_modules_belong_to_lora(self) -> Self:
        if self.modules_to_save and not self.low_rank:
            raise ValueError(f"modules_to_save is for the LoRA methods, and method is {self.method}")
        return self


class Evaluation(Model):
    """What the score is measured on."""

    suite: str | None = None
    """A `.jsonl` file of held-out tasks. Empty: nothing is evaluated."""
    max_new_tokens: int = Field(default=256, ge=1, le=32768)
    batch_size: int = Field(default=120, ge=1)
    """Answers generated at a time."""
    system: str = "assistant"
    """Which of the pack's named system prompts the tasks are asked with."""
    max_fault_share: float = Field(default=0.02, ge=0.0, le=1.0)
    """Share of tool faults above which an evaluation ends with exit code 4 instead of a score."""


class Export(Model):
    """What ships."""

    name: Name = "idiolect"
    """Base name of the exported files and of the Ollama model."""
    quantizations: tuple[Literal["q8_0", "q4_k_m"], ...] = ("q8_0", "q4_k_m")
    """Made beside F16. The last one is what ships and what is evaluated."""
    context: int = Field(default=4096, ge=128)
    """`num_ctx` of the Modelfile."""
    temperature: float = Field(default=0.2, ge=0.0, le=2.0)


Tracker = Literal["tensorboard", "trackio", "wandb", "mlflow"]


class Project(Model):
    """Everything idiolect needs to know, in one file."""

    version: Literal[1] = 1
    language: Language = Language()
    sandbox: Literal["strict", "weak"] = "strict"
    """How programs that a model wrote are kept apart when a suite has them run. `strict`: no network, no files of this machine;
    where that is not to be had, nothing is run. `weak`: limits of time, memory and output only."""
    base: str = POCKET_BASE
    """The base model: `pocket` (shipped with idiolect), a folder, or a name on the Hugging Face Hub."""
    instruct: bool | None = None
    """Whether the base is an Instruct model, taught to follow instructions already. Empty: by its name."""
    seed: int = Field(default=0, ge=0, lt=2**32)
    parallel: Literal["ddp", "fsdp"] = "ddp"
    """How several processes (`idiolect train --processes N`, torchrun) share the work. Each has a share of the rows of a step
    and, with `ddp`, the whole model or, with `fsdp`, a part of it: for a base that no single GPU can hold."""
    run: str = "build/run"
    """The run directory: every stage's files and manifests."""
    data: Data = Data()
    stages: tuple[Stage, ...] = Field(min_length=1)
    """What is trained, in this order: at least one stage."""
    adapter: Adapter = Adapter()
    trackers: tuple[Tracker, ...] = ()
    """Who is told how training goes, besides the run directory: `tensorboard` and `trackio` write files on this machine; `wandb`
    and `mlflow` do what their own environment variables say."""
    evaluation: Evaluation = Evaluation()
    export: Export = Export()

    @model_validator(mode="after")
    def _stages_make_sense(self) -> Self:
        names = [stage.name for stage in self.stages]
        if len(set(names)) != len(names):
            raise ValueError(f"stage names must differ, got {', '.join(names)}")
        if any(stage.objective == "cpt" for stage in self.stages) and not self.data.corpus:
            raise ValueError("a stage with objective cpt needs data.corpus: a folder of raw programs")
        noisy = next((stage.name for stage in self.stages if stage.neftune_alpha), None)
        if noisy and not self.adapter.mergeable:
            raise ValueError(f"stage {noisy}: neftune_alpha does not go with adapter.method {self.adapter.method}")
        preferring = next((stage.name for stage in self.stages if stage.objective == "dpo"), None)
        if preferring and not self.adapter.mergeable:
            raise ValueError(f"stage {preferring}: objective dpo does not go with adapter.method {self.adapter.method}")
        merging = next((stage.name for stage in self.stages[1:] if stage.handover == "merge"), None)
        if merging and not self.adapter.mergeable:
            raise ValueError(f"stage {merging}: handover is merge, and adapter.method {self.adapter.method} cannot be merged")
        sampled = next((stage.name for stage in self.stages if stage.samples), None)
        if self.parallel == "fsdp" and sampled:
            raise ValueError(f"stage {sampled}: samples need a whole model in one process: with parallel: fsdp set them to 0")
        if self.parallel == "fsdp" and self.adapter.method in {"qlora", "prompt", "prefix"}:
            raise ValueError(f"parallel: fsdp does not go with adapter.method {self.adapter.method}: set parallel to ddp")
        pairs = self.data.preferences
        without = [stage for stage in self.stages if stage.objective == "dpo" and not stage.own_answers]
        if without and not pairs.sources and not pairs.mutations:
            raise ValueError(
                f"stage {without[0].name}: objective dpo needs pairs: set data.preferences.mutations, "
                "data.preferences.sources, or the stage's own_answers"
            )
        return self


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of `idiolect.yaml`, for editors."""
    schema = Project.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "idiolect.yaml"}


def load_project(path: Path, overrides: Sequence[str] = ()) -> Project:
    """Read, override and validate a project file.

    Args:
        path: the file, or a folder that holds `idiolect.yaml`.
        overrides: `dotted.key=value` strings; a list item is named by index or, for stages, by its `name`.

    Raises:
        ConfigError: with file, line and column of the first offence, and what was expected.
    """
    path = path / CONFIG_NAME if path.is_dir() else path
    tree = read_tree(path, missing="no such project file", hint="create one with: idiolect init")
    overridden = {_apply_override(tree, override): override for override in overrides}
    # what the whole file is checked for is about its stages
    return validate(Project, tree, path, overridden=overridden, whole="stages")


def _apply_override(tree: CommentedMap, override: str) -> tuple[int | str, ...]:
    """Put the override's value into the tree; returns where, list items by index."""
    key, sep, raw = override.partition("=")
    parts = key.strip().split(".")
    if not sep or not all(parts):
        raise ConfigError(f"override {override!r} is not key=value", hint="write for example seed=1 or stages.tuned.epochs=2")
    try:
        value = parse_yaml(raw) if raw.strip() else None
    except YAMLError:
        raise ConfigError(f"override {override!r}: the value is not valid YAML", hint="put it in quotes") from None
    node: Any = tree
    where: list[int | str] = []
    for depth, part in enumerate(parts):
        key_here = _list_index(cast("list[Any]", node), part, override) if isinstance(node, CommentedSeq) else part
        if not isinstance(node, CommentedMap | CommentedSeq):
            raise ConfigError(f"override {override!r}: {'.'.join(parts[:depth])} has no keys below it")
        items = cast("dict[int | str, Any]", node)
        where.append(key_here)
        if depth == len(parts) - 1:
            items[key_here] = value
        elif isinstance(node, CommentedMap) and items.get(part) is None:
            items[part] = CommentedMap()
        node = items[key_here]
    return tuple(where)


def _list_index(items: Sequence[Any], part: str, override: str) -> int:
    if part.isdigit() and int(part) < len(items):
        return int(part)
    names = [cast("dict[str, Any]", item).get("name") if isinstance(item, CommentedMap) else None for item in items]
    if part in names:
        return names.index(part)
    known = ", ".join(str(name) for name in names if name is not None) or f"0 to {len(items) - 1}"
    raise ConfigError(f"override {override!r}: there is no {part!r} there", expected=f"one of {known}")
