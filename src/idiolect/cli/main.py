"""The entry point: finds the verb, runs it, and turns whatever goes wrong into a message and an exit code.

A verb is a line in `VERBS` and a module beside this one with a click command `command`; the module is imported when the verb is
called, so that `idiolect --help` loads neither torch nor rich nor pydantic.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from idiolect import __version__
from idiolect.core.errors import IdiolectError, InfrastructureError, PrerequisiteError, Terminated

if TYPE_CHECKING:
    from collections.abc import Sequence

VERBS: dict[str, tuple[str, str]] = {
    "init": ("idiolect.cli.init", "Write an annotated project to start from."),
    "doctor": ("idiolect.cli.doctor", "Say what this machine can and cannot do, and how to get it."),
    "plan": (
        "idiolect.cli.plan",
        "Say what a project would cost before anything is loaded: parameters, tokens, steps, memory, time, disk.",
    ),
    "train": ("idiolect.cli.train", "Prepare the data and train every stage that is not trained yet."),
    "eval": ("idiolect.cli.eval", "Score the base, the model after every stage, and the exported file on the held-out tasks."),
    "merge": ("idiolect.cli.merge", "Merge an adapter into its base, or put several tunings of one base together."),
    "graft": (
        "idiolect.cli.graft",
        "Add what training changed in a base to another model, an Instruct one: other + tuned - base.",
    ),
    "export": ("idiolect.cli.export", "Merge the adapter, write GGUF files and a Modelfile, compare them with the merged model."),
    "serve": ("idiolect.cli.serve", "Serve an exported file over an OpenAI-compatible API on this machine."),
    "report": ("idiolect.cli.report", "Write report.html and summary.json of a run that is finished."),
    "run": ("idiolect.cli.run", "Do everything: data, training, evaluation, export, evaluation of what ships, report."),
    "check": ("idiolect.cli.check", "Judge programs: the compiler if there is one, else the embedded checker."),
    "audit": (
        "idiolect.cli.audit",
        "Say what is wrong with a dataset: duplicates, broken text, programs that do not compile, secrets, leaks.",
    ),
    "clean": (
        "idiolect.cli.clean",
        "Mend what an audit finds: unescape, fence, tag, keep the better of duplicates, drop what cannot be helped.",
    ),
    "convert": (
        "idiolect.cli.convert",
        "Convert a dataset: Markdown examples, ChatML, Alpaca, ShareGPT, preference pairs, text, FIM, Parquet, HF folders.",
    ),
    "data": ("idiolect.cli.data", "Describe a dataset, compare two, or find what is alike in one."),
    "pack": ("idiolect.cli.pack", "Make a language pack, check one, list those that are installed."),
    "runs": ("idiolect.cli.runs", "List run directories and show what is in one."),
    "config": ("idiolect.cli.config", "Show the project file as idiolect reads it, or its JSON Schema."),
}
"""Verb -> module and summary, in pipeline order; the summary is the first line of the command's own help (a test says so)."""

_EXTRAS = {
    "accelerate": "train",
    "gguf": "train",
    "jinja2": "train",
    "numpy": "train",
    "peft": "train",
    "safetensors": "train",
    "tokenizers": "train",
    "torch": "train",
    "transformers": "train",
    "cyllama": "serve",
    "xllamacpp": "serve",
    "bitsandbytes": "gpu",
    "pyarrow": "data",
}
"""Package -> the extra of idiolect that installs it."""

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT, as shells have it."""


class _Verbs(click.Group):
    """A group that lists its verbs from a table and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(VERBS[cmd_name][0]).command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], VERBS, n=1)
            ctx.fail(f"no such verb: {args[0]}" + (f"; did you mean {near[0]}?" if near else f"; verbs: {', '.join(VERBS)}"))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(verb, summary) for verb, (_, summary) in VERBS.items()])


@click.group(
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 ok, 1 a check or a gate said no, 2 bad input or config, 3 something must be installed first, "
    "4 the machine failed, 130 interrupted, 143 terminated.",
)
@click.version_option(__version__, prog_name="idiolect")
def cli() -> None:
    """Teach an open code model the language only one shop speaks, and let the compiler say whether it learned it."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit the process with the code of what happened."""
    args = list(sys.argv[1:] if arguments is None else arguments)
    # Before torch loads OpenMP: threads that spin for long while they wait make training ten times slower when a core is shared.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    as_json = "--json" in (args[: args.index("--")] if "--" in args else args)
    try:
        code = cli.main(args=args, prog_name="idiolect", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except IdiolectError as error:
        _fail(error, as_json)
    except click.ClickException as error:
        if as_json:
            _print_json({"error": "UsageError", "message": error.format_message(), "exit_code": 2})
        error.show()
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort) as error:
        cause = error if isinstance(error, KeyboardInterrupt) else error.__context__
        notes = "; ".join(getattr(cause, "__notes__", ()))
        kept = f" ({notes})" if notes else ""
        click.echo(f"\ninterrupted{kept}: run the same command again to go on where it stopped", err=True)
        sys.exit(cause.exit_code if isinstance(cause, Terminated) else INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains once more when it exits
        sys.exit(InfrastructureError.exit_code)
    except ModuleNotFoundError as error:
        _fail(_missing_package(error), as_json)
    except MemoryError:
        _fail(InfrastructureError("the machine has no memory left", hint="close other programs, or lower batch_tokens"), as_json)
    except Exception as error:  # noqa: BLE001  a person gets a sentence, not a traceback
        _fail(_unexpected(error), as_json)


def _missing_package(error: ModuleNotFoundError) -> IdiolectError:
    package = (error.name or "").partition(".")[0]
    if package not in _EXTRAS:
        return _unexpected(error)
    hint = f"pip install 'idiolect[{_EXTRAS[package]}]'"
    return PrerequisiteError(f"the package {package} is not installed", hint=hint)


def _unexpected(error: Exception) -> InfrastructureError:
    if os.environ.get("IDIOLECT_TRACEBACK"):
        raise error
    if isinstance(error, OSError):
        return InfrastructureError(error.strerror or str(error), file=error.filename)
    return InfrastructureError(
        f"unexpected {type(error).__name__}: {error}",
        hint="this is a fault of idiolect: run again with IDIOLECT_TRACEBACK=1 and report what it prints",
    )


def _fail(error: IdiolectError, as_json: bool) -> NoReturn:
    if as_json:
        _print_json(error.to_json())
    click.echo(f"error: {error}", err=True)
    sys.exit(error.exit_code)


def _print_json(row: dict[str, object]) -> None:
    click.echo(json.dumps(row, ensure_ascii=False))
