"""The OpenAI-compatible API of an exported file: llama.cpp's own server, on loopback.

What idiolect adds: the conversation always begins with a system message. The exported file carries a chat template whose default
is the system prompt of training, so a client that sends none gets that one; `system` puts another in its place. A client's own
system message is left alone.

The API: `/v1/chat/completions`, `/v1/completions`, `/infill` (fill in the middle), `/v1/models`, `/health`; a chat page on `/`.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from idiolect.core.errors import ConfigError, ModelError
from idiolect.export.template import with_default_system
from idiolect.lm.gguf_header import read_metadata
from idiolect.lm.llama_server import LlamaServer, ServerSettings

_PROMPT_CACHE_MIB = 256
_TEMPLATE_KEY = "tokenizer.chat_template"


@dataclass(frozen=True, slots=True)
class Gateway:
    """How a file is served."""

    gguf: Path
    host: str = "127.0.0.1"
    port: int = 8080
    """0: a free one."""
    slots: int = 4
    """Conversations answered at the same time; more wait."""
    context: int = 4096
    """Tokens of prompt and answer a conversation may have, at most what the model was made for."""
    temperature: float = 0.2
    """For requests that name none."""
    system: str | None = None
    """System prompt for requests that bring none. None: what the file carries."""
    api_key: str | None = None
    allow_remote: bool = False
    """Listen on an address that other machines can reach; needs `api_key`."""

    def settings(self) -> ServerSettings:
        """What the server is started with.

        Raises:
            ConfigError: the address can be reached from other machines and that is not allowed, or there is no key.
            ModelError: `system` is set and the file has no chat template.
        """
        if not is_loopback(self.host):
            self._check_remote()
        return ServerSettings(
            gguf=self.gguf,
            slots=self.slots,
            context=self.context,
            host=self.host,
            port=self.port,
            temperature=self.temperature,
            api_key=self.api_key,
            chat_template=None if self.system is None else _template(self.gguf, self.system),
            prompt_cache_mib=_PROMPT_CACHE_MIB,
            ui=True,
        )

    def _check_remote(self) -> None:
        if not self.allow_remote:
            raise ConfigError(
                f"{self.host} can be reached from other machines",
                expected="a loopback address such as 127.0.0.1",
                hint="if that is what you want: --allow-remote, with a key in IDIOLECT_API_KEY",
            )
        if not self.api_key:
            raise ConfigError(
                f"serving on {self.host} needs a key, or anybody there can use the model",
                hint="export IDIOLECT_API_KEY=$(openssl rand -hex 24)",
            )


def serve(gateway: Gateway, ready: Callable[[str, int], None]) -> None:
    """Serve until the server dies or this process is interrupted; the server is gone when this returns or raises.

    Args:
        gateway: what and how.
        ready: called once requests are answered, with the URL and the tokens a conversation may have (what the model was made
            for, if that is less than what was asked).

    Raises:
        ConfigError, ModelError, PrerequisiteError, InfrastructureError: see `Gateway.settings` and `LlamaServer.start`.
        KeyboardInterrupt: Ctrl-C.
    """
    with LlamaServer.start(gateway.settings()) as server:
        ready(server.url, server.context())
        while not server.wait(seconds=1.0):
            pass
        raise server.fault("llama.cpp stopped serving")


def is_loopback(host: str) -> bool:
    """True when every address `host` stands for is this machine's own.

    Raises:
        ConfigError: nobody knows the host.
    """
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except socket.gaierror:
        raise ConfigError(f"this machine does not know the host {host!r}", hint="use --host 127.0.0.1") from None
    return all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in found)


def _template(gguf: Path, system: str) -> str:
    embedded = read_metadata(gguf, {_TEMPLATE_KEY}).get(_TEMPLATE_KEY)
    if not isinstance(embedded, str):
        raise ModelError("has no chat template, so it cannot take a system prompt", file=gguf)
    return with_default_system(embedded, system)
