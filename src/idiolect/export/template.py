"""The chat template that is embedded in the exported file: the model's own, with the training system prompt as the default.

A client that sends no system message would otherwise get the base model's ("You are Qwen, ..."), or none, and the model would be
asked in a way it was never trained to be asked.
"""

from __future__ import annotations


def with_default_system(template: str, system: str) -> str:
    """`template` (Jinja) that behaves as if a system message with `system` stood first whenever the conversation has none."""
    literal = system.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n").replace("\t", "\\t")
    return (
        '{%- if not messages or messages[0]["role"] != "system" %}'
        f'{{%- set messages = [{{"role": "system", "content": "{literal}"}}] + messages %}}'
        "{%- endif %}" + template
    )
