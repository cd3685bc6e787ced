"""`idiolect doctor`: what this machine can and cannot do."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from idiolect.cli.options import json_option
from idiolect.cli.probes import Finding, examine
from idiolect.core.errors import GateError, PrerequisiteError
from idiolect.sandbox import Demand, Isolation, choose
from idiolect.sandbox.proof import Probe, prove


@click.command(name="doctor")
@click.option(
    "--sandbox",
    "demand",
    type=click.Choice(["strict", "weak"]),
    is_flag=False,
    flag_value="strict",
    help="Prove the sandbox instead, by nine programs that try to get out of it. `weak`: the one to be had without namespaces.",
)
@json_option
@click.pass_context
def command(ctx: click.Context, demand: Demand | None, as_json: bool) -> None:
    """Say what this machine can and cannot do, and how to get it.

    Exit code 0: the quickstart can run here; 3: something it needs is missing.

    With --sandbox, 0: all nine programs were contained; 1: not all of them; 3: there is no such sandbox here.
    """
    if demand is not None:
        _prove(ctx, demand, as_json)
        return
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


def _prove(ctx: click.Context, demand: Demand, as_json: bool) -> None:
    """`weak` proves the weak one also where there is a stronger one."""
    isolation = choose(demand) if demand == "strict" else Isolation.RLIMITS
    probes = prove(isolation)
    escaped = [probe.name for probe in probes if not probe.contained]
    if as_json:
        found = {"isolation": isolation, "contained": not escaped, "probes": [asdict(probe) for probe in probes]}
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        click.echo(f"isolation: {isolation}\n")
        for probe in probes:
            click.echo(_line(probe))
        click.echo(f"\nNot contained by {isolation}: {', '.join(escaped)}." if escaped else f"\nAll contained by {isolation}.")
    if escaped:
        ctx.exit(GateError.exit_code)


def _line(probe: Probe) -> str:
    return f"{'contained    ' if probe.contained else 'NOT contained'}  {probe.name}: {probe.detail}"


def _text(finding: Finding) -> str:
    state = "ok      " if finding.ok else ("MISSING " if finding.needed else "without ")
    lines = [f"{state} {finding.name}: {finding.detail}", f"{'':9}{finding.purpose}"]
    if finding.get:
        lines.append(f"{'':9}get it: {finding.get}")
    return "\n".join(lines)
