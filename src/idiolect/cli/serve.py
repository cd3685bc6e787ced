"""`idiolect serve`: the exported file behind an OpenAI-compatible API."""

from __future__ import annotations

import json
import os
import shlex

import click

from idiolect.cli.options import dry_run_option, json_option, split_project
from idiolect.core.console import Console

API_KEY_VARIABLE = "IDIOLECT_API_KEY"
_TEMPERATURE = 0.2


@click.command(name="serve")
@click.argument("target_and_overrides", nargs=-1, metavar="[TARGET] [KEY=VALUE]...")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port; 0 takes a free one.")
@click.option(
    "--slots", type=click.IntRange(1, 256), default=4, show_default=True, help="Conversations answered at the same time."
)
@click.option("--context", type=click.IntRange(128), default=4096, show_default=True, help="Tokens a conversation may have.")
@click.option("--system", metavar="TEXT", help="System prompt for requests that bring none. Default: the one of training.")
@click.option("--allow-remote", is_flag=True, help=f"Allow an address other machines reach; needs {API_KEY_VARIABLE}.")
@dry_run_option
@json_option
def command(
    *,
    target_and_overrides: tuple[str, ...],
    host: str,
    port: int,
    slots: int,
    context: int,
    system: str | None,
    allow_remote: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Serve an exported file over an OpenAI-compatible API on this machine.

    TARGET is a GGUF file, a folder that `idiolect export` wrote, or a project or run directory (default: this folder), whose
    newest export is served. Clients send the key in IDIOLECT_API_KEY if it is set. Ctrl-C ends it.
    """
    from idiolect.serve.gateway import Gateway, serve
    from idiolect.serve.target import find_target

    path, overrides = split_project(target_and_overrides)
    target = find_target(path, overrides)
    gateway = Gateway(
        gguf=target.gguf,
        host=host,
        port=port,
        slots=slots,
        context=context,
        temperature=_TEMPERATURE if target.temperature is None else target.temperature,
        system=system,
        api_key=os.environ.get(API_KEY_VARIABLE) or None,
        allow_remote=allow_remote,
    )
    console = Console(json_lines=as_json)
    facts = {"gguf": str(gateway.gguf), "model": gateway.gguf.stem, "slots": slots, "context": context}
    if dry_run:
        gateway.settings()
        console.note(f"would serve {gateway.gguf} on {host}:{port}, {slots} slots of {context} tokens")
        console.result({**facts, "host": host, "port": port})
        return

    def ready(url: str, tokens: int) -> None:
        if not as_json:
            _greet(url, gateway.gguf.stem, slots, tokens, gateway.api_key is not None, _title(target.language))
        console.result({**facts, "context": tokens, "url": url})

    try:
        serve(gateway, ready)
    except KeyboardInterrupt:
        console.note("stopped")


def _title(language: str | None) -> str:
    if language is None:
        return ""
    from idiolect.packs.registry import get_pack

    return f"{get_pack(language).title} "


def _greet(url: str, model: str, slots: int, tokens: int, has_key: bool, language: str) -> None:
    body = {"messages": [{"role": "user", "content": f"Write a {language}program that prints the numbers from 1 to 10."}]}
    key = f'-H "Authorization: Bearer ${API_KEY_VARIABLE}" ' if has_key else ""
    request = shlex.quote(json.dumps(body))
    rows = [
        f"serving {model} on {url} ({slots} conversations at a time, {tokens} tokens each); Ctrl-C ends it",
        f"  chat        POST {url}/v1/chat/completions",
        f"  completion  POST {url}/v1/completions",
        f"  infill      POST {url}/infill  (input_prefix, input_suffix)",
        f"  browser     {url}",
        "try:",
        f"  curl -s {url}/v1/chat/completions {key}-H 'Content-Type: application/json' -d {request}",
    ]
    for row in rows:
        click.echo(row)
