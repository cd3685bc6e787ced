"""`idiolect doctor`: what this machine can and cannot do."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from idiolect.cli.options import json_option
from idiolect.cli.probes import Finding, examine
from idiolect.core.errors import PrerequisiteError


@click.command(name="doctor")
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Say what this machine can and cannot do, and how to get it.

    Exit code 0: the quickstart can run here; 3: something it needs is missing.
    """
    findings = examine(Path.cwd())
    missing = [finding for finding in findings if finding.needed and not finding.ok]
    if as_json:
        click.echo(json.dumps({"ready": not missing, "findings": [asdict(finding) for finding in findings]}, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(_text(finding))
        names = ", ".join(finding.name for finding in missing)
        click.echo(f"\nThe quickstart cannot run here yet: {names}." if missing else "\nThe quickstart can run here.")
    if missing:
        ctx.exit(PrerequisiteError.exit_code)


def _text(finding: Finding) -> str:
    state = "ok      " if finding.ok else ("MISSING " if finding.needed else "without ")
    lines = [f"{state} {finding.name}: {finding.detail}", f"{'':9}{finding.purpose}"]
    if finding.get:
        lines.append(f"{'':9}get it: {finding.get}")
    return "\n".join(lines)
