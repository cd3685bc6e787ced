"""The backend that generates with real llama.cpp: what ships is what is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Self

from idiolect.core.errors import InputError
from idiolect.core.records import Message
from idiolect.lm.backends import Completion
from idiolect.lm.chat import ChatFormat
from idiolect.lm.llama_server import LlamaServer, ServerSettings

_CONTEXT_STEP = 256
"""Contexts are rounded up to a multiple of this many tokens."""


class LlamaCppBackend:
    """Greedy generation with a GGUF file; a context manager, or call `close`.

    Prompts become tokens in `ChatFormat`, not in llama.cpp. The server is started by the first `generate` with the context that
    call needs, and started anew when a later call needs more.
    """

    def __init__(
        self,
        gguf: Path,
        chat: ChatFormat,
        slots: int = 32,
        *,
        threads: int | None = None,
        on_batch: Callable[[int], None] | None = None,
    ) -> None:
        """
        Args:
            gguf: the exported file.
            chat: format of the model it was exported from.
            slots: conversations that are answered at the same time.
            threads: CPU threads. None: one for every CPU this process may use.
            on_batch: called with the number of answers that have come in.
        """
        if slots < 1:
            raise ValueError("at least one slot is needed")
        self._gguf = gguf
        self._chat = chat
        self._slots = slots
        self._threads = threads
        self._on_batch = on_batch
        self._server: LlamaServer | None = None
        self._context = 0

    @property
    def name(self) -> str:
        """`llama.cpp` and the file's name."""
        return f"llama.cpp {self._gguf.name}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server. The backend may be used again; it then starts another."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def generate(self, conversations: Sequence[Sequence[Message]], max_new_tokens: int) -> list[Completion]:
        """One answer to each conversation, in their order, at most `max_new_tokens` long, at temperature 0.

        Args:
            conversations: each ends with the turn that is to be answered.
            max_new_tokens: tokens of an answer, the end token included.

        Raises:
            InputError: a prompt and its answer do not fit into the model's context.
            ModelError, PrerequisiteError: the file cannot be loaded, llama.cpp is not installed.
            InfrastructureError: llama.cpp died or failed.
        """
        prompts = [self._chat.prompt_ids(conversation) for conversation in conversations]
        if not prompts:
            return []
        server = self._serving(max(map(len, prompts)) + max_new_tokens)
        with ThreadPoolExecutor(self._slots) as pool:
            futures = [pool.submit(self._complete, server, prompt, max_new_tokens) for prompt in prompts]
            try:
                for future in as_completed(futures):
                    future.result()
                    if self._on_batch is not None:
                        self._on_batch(1)
                return [future.result() for future in futures]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self.close()  # which ends the requests that are under way
                raise

    def _serving(self, context: int) -> LlamaServer:
        """A server whose slots hold `context` tokens."""
        if self._server is not None and self._context < context:
            self.close()
        if self._server is None:
            rounded = -(-context // _CONTEXT_STEP) * _CONTEXT_STEP
            settings = ServerSettings(self._gguf, slots=self._slots, context=rounded, threads=self._threads)
            self._server = LlamaServer.start(settings)
            self._context = rounded
        got = self._server.context()
        if got < context:
            raise InputError(
                f"the longest prompt and its answer take {context} tokens, and the model's context is {got}",
                file=self._gguf,
                hint="lower max_new_tokens, or shorten the prompts",
            )
        return self._server

    def _complete(self, server: LlamaServer, prompt: list[int], max_new_tokens: int) -> Completion:
        body = {
            "prompt": prompt,
            "n_predict": max_new_tokens,
            "temperature": 0,
            "samplers": ["top_k"],
            "top_k": 1,
            "return_tokens": True,
            "cache_prompt": True,
        }
        answer = server.post("/completion", body)
        tokens: list[int] = answer["tokens"]
        stopped = answer["stop_type"] == "eos"  # any token llama.cpp holds for an end, <|endoftext|> too; else it was the length
        if answer["truncated"] or (not stopped and len(tokens) < max_new_tokens):
            raise server.fault(f"llama.cpp cut an answer after {len(tokens)} of {max_new_tokens} tokens")
        finished = stopped and tokens[-1] == self._chat.end_id
        return Completion(self._chat.decode(tokens[:-1] if stopped else tokens), finished, len(tokens))
