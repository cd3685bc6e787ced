"""What a project file means on this machine: folders resolved, pack and validator found, suite read, base hashed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from idiolect.core.blend import Blend
from idiolect.core.config import CONFIG_NAME, Project, load_project
from idiolect.core.documents import place
from idiolect.core.errors import ConfigError, DataError, InputError
from idiolect.core.files import sha256_file, sha256_tree
from idiolect.core.records import sha256_text
from idiolect.evaluate.tasks import Suite, load_suite
from idiolect.lm.load import base_hash, is_quantised, resolve_base, tokenizer_hash, unlike_shape
from idiolect.packs.registry import get_pack, is_path
from idiolect.packs.spec import LanguagePack, Runner, Validator

BASE = "base"
SHIPPED = "shipped"
MODEL = "model"
"""A model folder that is scored by itself."""
_RESERVED = (BASE, SHIPPED, MODEL, "answers", "paired", "seconds", "tokens", "parity")
"""Names in `summary.json` that no stage may have."""


@dataclass(frozen=True)
class Workspace:
    """A project file together with everything it names. What is expensive is found when it is first asked for."""

    project: Project
    folder: Path
    """Folder of the project file: relative paths start here."""
    download: bool = True
    """Whether a base that is not on this machine may be fetched."""
    file: Path | None = None
    """The project file, for errors."""
    overrides: tuple[str, ...] = ()
    """What was given on the command line, for errors."""

    @classmethod
    def open(cls, path: Path, overrides: Sequence[str] = ()) -> Workspace:
        """Read the project file at `path` (or in that folder).

        Raises:
            ConfigError: the file is wrong, or it names what is not there.
        """
        project = load_project(path, overrides)
        for stage in project.stages:
            if stage.name in _RESERVED:
                raise ConfigError(f"no stage may be named {stage.name!r}: the summary uses that name", hint="name it otherwise")
        folder = (path if path.is_dir() else path.parent).resolve()
        return cls(project, folder, file=path / CONFIG_NAME if path.is_dir() else path, overrides=tuple(overrides))

    def config_error(
        self, message: str, key: Sequence[int | str], *, expected: str | None = None, hint: str | None = None
    ) -> ConfigError:
        """An error of the project file at the line of `key`, such as `("stages", 0, "pack_length")`, or of the override that gave
        it. For what shows only when the base or the data are looked at."""
        dotted = ".".join(map(str, key))
        named = ".".join(self.project.stages[part].name if isinstance(part, int) else part for part in key)
        for override in reversed(self.overrides):
            if override.partition("=")[0].strip() in {dotted, named}:
                return ConfigError(f"override {override!r}: {message}", expected=expected, hint=hint)
        line, column = place(self.file, key) if self.file else (None, None)
        return ConfigError(message, file=self.file, line=line, column=column, expected=expected, hint=hint)

    @property
    def root(self) -> Path:
        """The run directory."""
        return (self.folder / self.project.run).resolve()

    @property
    def verdicts(self) -> Path:
        """The verdict cache of this run directory."""
        return self.root / "verdicts.sqlite"

    @cached_property
    def pack(self) -> LanguagePack:
        """The language pack. The path of a manifest starts at the project's folder."""
        name = self.project.language.pack
        return get_pack(str(self.folder / name) if is_path(name) else name)

    @cached_property
    def validator(self) -> Validator:
        """Who judges.

        Raises:
            ConfigError: it does not know the level the project asks for.
        """
        language = self.project.language
        validator = self.pack.validator(language.compiler, [self.folder / folder for folder in language.include])
        if language.level not in validator.levels:
            raise ConfigError(
                f"language.level: {validator.name} does not judge at level {language.level!r}",
                expected=f"one of {', '.join(validator.levels)}",
            )
        return validator

    @cached_property
    def runner(self) -> Runner | None:
        """What runs the answers to tasks with tests; None when the project's tasks have none.

        Raises:
            PrerequisiteError: the language's tool, or the isolation that `sandbox` demands, is not there.
        """
        if self.suite is None or not any(task.cases for task in self.suite.tasks):
            return None
        return self.pack.runner(self.project.sandbox)

    @property
    def judge(self) -> str:
        """The validator's identity, part of every fingerprint that depends on a verdict."""
        return f"{self.validator.name} {self.validator.version} {self.project.language.level}"

    @cached_property
    def suite(self) -> Suite | None:
        """The held-out tasks, or None when the project names none."""
        if self.project.evaluation.suite is None:
            return None
        return load_suite(self.folder / self.project.evaluation.suite)

    @cached_property
    def held_out(self) -> Mapping[str, Suite]:
        """Every suite that nothing may give away, by the name it has in the project file."""
        names = [self.project.evaluation.suite, *self.project.data.split.held_out]
        return {name: load_suite(self.folder / name) for name in names if name is not None}

    @property
    def frozen_split(self) -> Path:
        """The file that says which side every example is on. It need not be there yet."""
        return self.folder / self.project.data.split.frozen

    @property
    def system_prompt(self) -> str:
        """The system prompt that tasks are asked with and that ships.

        Raises:
            ConfigError: the pack has no prompt of that name.
        """
        name = self.project.evaluation.system
        if name not in self.pack.prompts:
            raise ConfigError(f"evaluation.system: no prompt is named {name!r}", expected=", ".join(self.pack.prompts))
        return self.pack.prompts[name]

    @cached_property
    def base(self) -> Path:
        """Folder of the base model, in full precision.

        Raises:
            ConfigError: the project's base is stored in 4 bits, and `adapter.merge_base` names no full one of its shape; or the
                other way round; or the method is another than qlora.
        """
        project = self.project
        if self.quantised is None:
            if project.adapter.merge_base is not None:
                raise self.config_error(
                    "adapter.merge_base: the base is in full precision, and merged into itself",
                    ("adapter", "merge_base"),
                    hint="remove adapter.merge_base",
                )
            return self._stored
        if project.adapter.merge_base is None:
            raise self.config_error(
                f"{project.base} is stored in 4 bits, and an adapter is merged in full precision",
                ("base",),
                expected="adapter.merge_base: the same model in full precision",
                hint="add adapter.merge_base, a folder or a name on the Hugging Face Hub",
            )
        if project.adapter.method != "qlora":
            raise self.config_error(
                f"adapter.method {project.adapter.method}: {project.base} is stored in 4 bits",
                ("adapter", "method"),
                hint="set adapter.method to qlora",
            )
        full = resolve_base(project.adapter.merge_base, self.folder, download=self.download)
        if is_quantised(full):
            raise self.config_error(
                f"adapter.merge_base: {project.adapter.merge_base} is quantised itself", ("adapter", "merge_base")
            )
        if unlike := unlike_shape(self.quantised, full):
            raise self.config_error(
                f"adapter.merge_base: {project.adapter.merge_base} is another model than the base: their {unlike} differs",
                ("adapter", "merge_base"),
            )
        return full

    @cached_property
    def quantised(self) -> Path | None:
        """Folder of the base in 4 bits, if the project's base is stored so."""
        return self._stored if is_quantised(self._stored) else None

    @cached_property
    def quantised_sha256(self) -> str:
        """Its hash; empty without one."""
        return base_hash(self.quantised) if self.quantised else ""

    @cached_property
    def _stored(self) -> Path:
        """What the project names."""
        return resolve_base(self.project.base, self.folder, download=self.download)

    @property
    def start(self) -> Path | None:
        """Folder of the adapter that the first stage goes on with."""
        start = self.project.adapter.start
        return None if start is None else (self.folder / Path(start).expanduser()).resolve()

    @cached_property
    def base_sha256(self) -> str:
        """Hash of the base model."""
        return base_hash(self.base)

    @cached_property
    def tokenizer_sha256(self) -> str:
        """Hash of the base's tokenizer and chat template."""
        return tokenizer_hash(self.base)

    def data_inputs(self) -> dict[str, str]:
        """Digest of every source and corpus path.

        Raises:
            DataError: one is not there, or one that a blend names.
            ConfigError: a blend asks for a generation that the pack does not know.
        """
        data = self.project.data
        if data.blend is not None:
            self._check_blend(data.blend)
        replay = [path for each in (data.blend.replay if data.blend else ()) for path in (*each.sources, *each.corpus)]
        return {f"file {path}": self._digest(path) for path in (*data.sources, *data.corpus, *replay, *data.preferences.sources)}

    def _check_blend(self, blend: Blend) -> None:
        """What is misspelt there would be a share of nothing."""
        for path in (path for each in blend.sources for path in each.paths):
            if not (self.folder / path).exists():
                raise DataError("there is no such file or folder", file=self.folder / path, hint="mend data.blend.sources")
        for each in blend.slices:
            unknown = next((name for name in each.generations if name not in self.pack.dialects), None)
            if unknown is not None:
                raise ConfigError(
                    f"data.blend.slices {each.name}: {self.pack.title} has no generation {unknown!r}",
                    expected=f"of {', '.join(self.pack.dialects)}",
                )

    def _digest(self, path: str) -> str:
        full = self.folder / path
        try:
            return sha256_tree(full) if full.is_dir() else sha256_file(full)
        except InputError:
            raise DataError("there is no such file or folder", file=full, hint="mend its path under data") from None

    def prompts_digest(self) -> str:
        """Digest of the pack's prompts: other prompts are other training data."""
        return sha256_text("\0".join(f"{name}\0{text}" for name, text in sorted(self.pack.prompts.items())))
