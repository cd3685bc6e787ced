"""An audit composed: the files read, the pack and who judges, the base's tokenizer, the evaluation's tasks, the split."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from idiolect.core.config import CONFIG_NAME, Project, load_project
from idiolect.core.errors import DataError, InputError, PrerequisiteError
from idiolect.core.files import user_cache
from idiolect.core.records import Message
from idiolect.data.audit.columns import Measure
from idiolect.data.audit.lengths import Measured
from idiolect.data.audit.report import Corrupt, Report
from idiolect.data.audit.run import PACK_LENGTH, Questions, audit, selected
from idiolect.data.formats.reading import read_records
from idiolect.evaluate.tasks import load_suite
from idiolect.packs.registry import get_pack, is_path

if TYPE_CHECKING:
    from idiolect.lm.chat import ChatFormat


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks."""

    paths: tuple[str, ...]
    project: Path | None = None
    """Its language, level, base, pack length and suite are taken where nothing else is said."""
    language: str | None = None
    level: str | None = None
    base: str | None = None
    max_tokens: int | None = None
    suite: Path | None = None
    split: Path | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    cache: Path | None = None
    """File of known verdicts; None for the project's, or the user's."""


def questions(request: Request) -> Questions:
    """Everything but the records.

    Raises:
        InputError: a check, a level, a pack or a file is not there.
        PrerequisiteError: the language's compiler is not there.
    """
    checks = selected(request.only, request.skip)
    project, folder = _project(request.project)
    name = request.language or (project.language.pack if project else "bbj")
    pack = get_pack(str(folder / name) if project and not request.language and is_path(name) else name)
    own = project is not None and request.language is None
    include = [folder / each for each in project.language.include] if project and own else []
    judged = not checks.isdisjoint(("does-not-compile", "invented-api"))
    validator = None
    if judged:
        try:
            validator = pack.validator(project.language.compiler if project and own else None, include)
        except PrerequisiteError as error:
            hint = "or leave the programs unjudged: --skip does-not-compile --skip invented-api"
            raise PrerequisiteError(error.message, hint=f"{error.hint}; {hint}" if error.hint else hint) from None
    level = request.level or (project.language.level if project and own else "")
    if validator is not None and level and level not in validator.levels:
        raise InputError(f"{validator.name} knows no level {level!r}", expected=f"one of {', '.join(validator.levels)}")
    base = request.base or (project.base if project and not checks.isdisjoint(("over-length", "template-roundtrip")) else None)
    suite = request.suite or (folder / project.evaluation.suite if project and project.evaluation.suite else None)
    limit = min((stage.pack_length for stage in project.stages), default=PACK_LENGTH) if project else PACK_LENGTH
    return Questions(
        pack,
        validator,
        level,
        cache=request.cache or (folder / project.run / "verdicts.sqlite" if project else user_cache() / "verdicts.sqlite"),
        measure=measure_with(base, folder) if base is not None else None,
        max_tokens=request.max_tokens or limit,
        tasks=tuple((task.prompt, task.reference) for task in load_suite(suite).tasks) if suite is not None else None,
        sides=_sides(request.split) if request.split is not None else None,
        checks=checks,
    )


def audit_paths(request: Request) -> Report:
    """Read the files and run the checks.

    Raises:
        InputError: a path is not there, or nothing in it can be read.
        InfrastructureError: the validator failed.
    """
    ask = questions(request)
    reading = read_records(request.paths, ask.pack)
    return audit(
        reading.records, [Corrupt(each.file, each.line, f"{each.reason}: {each.detail}") for each in reading.quarantined], ask
    )


def _project(path: Path | None) -> tuple[Project | None, Path]:
    if path is None:
        return None, Path()
    folder = (path if path.is_dir() else path.parent).resolve()
    return load_project(path / CONFIG_NAME if path.is_dir() else path, ()), folder


def _sides(path: Path) -> Mapping[str, str]:
    """The sides of a split that is frozen in a file: a JSON object from a record's hash to its side, or what `idiolect` froze."""
    try:
        loaded: object = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise DataError("there is no such file", file=path, expected="a split: a JSON object from hash to side") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"not JSON: {error}", file=path, expected="a split: a JSON object from hash to side") from None
    rows = _members(loaded)
    if not rows:
        raise DataError("this is no split", file=path, expected='a JSON object from hash to side: {"0123456789abcdef": "train"}')
    return rows


def _members(loaded: object) -> dict[str, str]:
    """Hash to side, of a plain object or of a frozen split, whose members are `[cluster, side]`; empty for anything else."""
    top = cast("dict[str, object]", loaded) if isinstance(loaded, dict) else {}
    inner = top.get("members", top)
    found: dict[str, str] = {}
    for name, value in (cast("dict[str, object]", inner) if isinstance(inner, dict) else {}).items():
        entry = cast("list[object]", value) if isinstance(value, list) else [value]
        if not entry or not isinstance(entry[-1], str):
            return {}
        found[name] = entry[-1]
    return found


def measure_with(base: str, folder: Path) -> Measure:
    """Counts tokens as training would, and compares what the template made of a conversation with the conversation.

    The tokenizer is loaded when the first conversations are there.
    """

    loaded: list[ChatFormat] = []
    known: dict[tuple[str, ...], str | None] = {}

    def measure(conversations: Sequence[Sequence[Message]]) -> list[Measured]:
        if not loaded:
            from idiolect.lm.chat import ChatFormat
            from idiolect.lm.load import resolve_base

            loaded.append(ChatFormat.load(resolve_base(base, folder)))
        return [_measured(loaded[0], messages, known) for messages in conversations]

    return measure


def _measured(chat: ChatFormat, messages: Sequence[Message], known: dict[tuple[str, ...], str | None]) -> Measured:
    """Tokens of one conversation, and what did not come through the template as it is.

    A template sees stand-ins for the texts, so what it does depends on the turns' roles alone: each sequence of roles is
    looked at once, on its first conversation. Only control tokens in a text make a conversation a case of its own.
    """
    try:
        ids, mask = chat.training_ids(messages)
    except InputError as error:
        return Measured(0, error.message)
    roles = tuple(message.role for message in messages)
    if any("<|" in message.content for message in messages):
        return Measured(len(ids), template_fault(chat, messages, ids, mask))
    if roles not in known:
        known[roles] = template_fault(chat, messages, ids, mask)
    return Measured(len(ids), known[roles])


def template_fault(chat: ChatFormat, messages: Sequence[Message], ids: Sequence[int], mask: Sequence[bool]) -> str | None:
    """What of a conversation its tokens do not hold as it is: the system message, the end tokens, the answers under the mask."""
    answers = [message.content for message in messages if message.role == "assistant"]
    trained = [token for token, on in zip(ids, mask, strict=True) if on]
    if trained.count(chat.end_id) < len(answers):
        return f"{chat.end_token} is missing after an answer"
    if trained != [token for answer in answers for token in (*chat.encode_text(answer), chat.end_id)]:
        return "the mask does not cover the answers and their end tokens only"
    first, system = list(ids[: list(mask).index(True)]), messages[0].content
    if system.strip() not in chat.decode(first) and system.strip() not in "".join(map(chat.token_text, first)):
        return "the system message is lost"
    return None
