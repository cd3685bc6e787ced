"""A stage's settings with nothing left open: what the project says, and defaults that hang on the base and the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from idiolect.core.config import Stage
from idiolect.core.console import Console
from idiolect.core.errors import DataError, InputError, ModelError
from idiolect.core.runs import StageResult
from idiolect.lm.load import count_parameters, require_bitsandbytes
from idiolect.project.workspace import Workspace
from idiolect.train.adapters import check_lineage
from idiolect.train.defaults import Default, Facts, Settings, after_programs, is_instruct, settle

if TYPE_CHECKING:
    from idiolect.lm.chat import ChatFormat

PADDING = "padding that ends an answer would teach a model never to end one"


def is_instruct_base(work: Workspace) -> bool:
    """Whether the base follows instructions already: as `instruct` says, or by its name."""
    said = work.project.instruct
    return is_instruct(work.project.base) if said is None else said


def settle_stage(work: Workspace, stage: Stage, data: StageResult) -> Settings:
    """The stage's settings, resolved.

    Args:
        work: the project and its base.
        stage: one of the project's.
        data: the dataset, made.
    """
    counts = data.manifest.result["train"]
    facts = Facts(
        parameters=count_parameters(work.base),
        instruct=is_instruct_base(work),
        records=int(counts["documents" if stage.objective == "cpt" else "examples"]),
        after_programs=after_programs(work.project.stages, stage),
    )
    return settle(stage, work.project.adapter, facts)


def check_settings(work: Workspace) -> None:
    """Refuse, before anything is done, what a project may not ask for of its base.

    Raises:
        ConfigError: raw programs are to be trained into an Instruct model, and nobody said to do it all the same; the adapter to
            start with is none, or another base's, or another method's.
        PrerequisiteError: qlora needs bitsandbytes.
    """
    if work.project.adapter.method == "qlora":
        require_bitsandbytes()
    if work.start is not None:
        try:
            check_lineage(work.start, work.base_sha256, work.project.adapter.method)
        except ModelError as error:
            raise work.config_error(error.message, ("adapter", "start"), expected=error.expected, hint=error.hint) from None
    for at, stage in enumerate(work.project.stages):
        if stage.objective == "cpt" and is_instruct_base(work) and not stage.allow_instruct:
            raise work.config_error(
                f"stage {stage.name}: raw programs unteach an Instruct model to follow instructions; {work.project.base} is one",
                ("stages", at, "objective"),
                expected="a base that has not been taught instructions, or objective sft",
                hint=f"name the model without Instruct as base, or set stages.{stage.name}.allow_instruct to true",
            )


def blamed(work: Workspace, error: DataError) -> InputError:
    """The error of a dataset, at the line of the project file that it comes from, if it comes from one: a folder in which there
    is nothing, or a split that leaves nothing over. What is wrong inside a file stays that file's."""
    data = work.project.data
    for key, paths in (("sources", data.sources), ("corpus", data.corpus)):
        for at, path in enumerate(paths):
            if error.file == str(work.folder / path) and error.line is None:
                return work.config_error(
                    f"{error.file}: {error.message}", ("data", key, at), expected=error.expected, hint=error.hint
                )
    if error.file is None:
        return work.config_error(error.message, ("data", "split", "validation"), expected=error.expected, hint=error.hint)
    return error


def show_settings(settings: Settings, chat: ChatFormat, console: Console) -> None:
    """Print every default with its source, and what is out of the ordinary."""
    pad = Default("pad token", chat.token_text(chat.pad_id), f"never {chat.end_token}: {PADDING}", "the base's tokenizer")
    for each in (*settings.defaults, pad):
        console.note(f"  {each}")
    for warning in settings.warnings:
        console.note(f"  warning: {warning}")
