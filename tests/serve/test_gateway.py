"""What `idiolect serve` answers over HTTP, with real llama.cpp on an exported pocket base."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from idiolect.core.errors import ConfigError, InfrastructureError, ModelError
from idiolect.core.records import Message
from idiolect.export.gguf import write_gguf
from idiolect.export.template import with_default_system
from idiolect.lm.chat import ChatFormat
from idiolect.lm.llama_server import LlamaServer
from idiolect.lm.load import resolve_base
from idiolect.serve.gateway import Gateway, is_loopback, serve

BASE = resolve_base("pocket", Path())
SYSTEM = 'You are an assistant for "BBj".\nYou never guess: \\ {{ }} {% %} ü.\n'
QUESTION = {"role": "user", "content": "Write a function\nthat adds 1 to 12345."}


@pytest.fixture(scope="module")
def chat() -> ChatFormat:
    return ChatFormat.load(BASE)


@pytest.fixture(scope="module")
def gguf(chat: ChatFormat, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("gguf") / "shop.gguf"
    return write_gguf(BASE, out, name="shop", chat_template=with_default_system(chat.template, SYSTEM)).path


@pytest.fixture(scope="module")
def server(gguf: Path) -> Iterator[LlamaServer]:
    with LlamaServer.start(Gateway(gguf, port=0, context=512).settings()) as started:
        yield started


def rendered(server: LlamaServer, *messages: dict[str, str]) -> str:
    return server.post("/apply-template", {"messages": messages})["prompt"]


def test_a_chat_request_is_answered(server: LlamaServer) -> None:
    answer = server.post("/v1/chat/completions", {"messages": [QUESTION], "max_tokens": 8})
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "shop"
    (choice,) = answer["choices"]
    assert choice["message"]["role"] == "assistant"
    assert choice["message"]["content"]
    assert answer["usage"]["completion_tokens"] <= 8


def test_a_completion_request_is_answered(server: LlamaServer) -> None:
    answer = server.post("/v1/completions", {"prompt": "def add(a, b):\n", "max_tokens": 8, "temperature": 0})
    assert answer["choices"][0]["text"]


def test_an_infill_request_puts_prefix_and_suffix_around_the_gap(server: LlamaServer) -> None:
    answer = server.post("/infill", {"input_prefix": "def add(a, b):\n", "input_suffix": "\nprint(1)\n", "n_predict": 4})
    assert answer["prompt"] == "<|fim_prefix|>def add(a, b):\n<|fim_suffix|>\nprint(1)\n<|fim_middle|>"
    assert answer["tokens_predicted"] >= 1


def test_requests_at_the_same_time_are_all_answered(server: LlamaServer) -> None:
    answers: list[Any] = []

    def one(number: int) -> None:
        body = {"messages": [{"role": "user", "content": f"number {number}"}], "max_tokens": 6}
        answers.append(server.post("/v1/chat/completions", body)["choices"][0]["message"]["content"])

    threads = [threading.Thread(target=one, args=(number,)) for number in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 9


def test_a_client_that_sends_no_system_message_gets_the_one_of_training(server: LlamaServer, chat: ChatFormat) -> None:
    expected = chat.text([Message("system", SYSTEM), Message("user", QUESTION["content"])])
    assert rendered(server, QUESTION) == expected


def test_a_clients_own_system_message_is_used(server: LlamaServer, chat: ChatFormat) -> None:
    own = {"role": "system", "content": "Be brief."}
    assert rendered(server, own, QUESTION) == chat.text([Message("system", "Be brief."), Message("user", QUESTION["content"])])


@pytest.mark.parametrize(
    "turns",
    [
        [("system", "s"), ("user", 'print 1234567\n\tlet a$="ü€漢😀"  \r\n')],
        [("system", SYSTEM), ("user", "one"), ("assistant", "```bbj\nrem it's\n```"), ("user", "  two  ")],
    ],
)
def test_the_server_renders_and_tokenises_as_training_did(
    server: LlamaServer, chat: ChatFormat, turns: list[tuple[Any, str]]
) -> None:
    messages = [Message(role, content) for role, content in turns]
    text = rendered(server, *({"role": role, "content": content} for role, content in turns))
    assert text == chat.text(messages)
    tokens = server.post("/tokenize", {"content": text, "add_special": True, "parse_special": True})["tokens"]
    assert tokens == chat.prompt_ids(messages)


def test_another_system_prompt_can_be_put_in_its_place(gguf: Path, chat: ChatFormat) -> None:
    with LlamaServer.start(Gateway(gguf, port=0, context=256, system="Answer in German.").settings()) as server:
        expected = chat.text([Message("system", "Answer in German."), Message("user", QUESTION["content"])])
        assert rendered(server, QUESTION) == expected


def test_the_temperature_of_the_export_is_the_default(gguf: Path) -> None:
    with LlamaServer.start(Gateway(gguf, port=0, context=256, temperature=0.125).settings()) as server:
        used = server.post("/completion", {"prompt": "a", "n_predict": 1})["generation_settings"]
        assert used["temperature"] == 0.125


def test_no_web_page_may_read_the_answers_and_no_client_another_ones_prompts(server: LlamaServer) -> None:
    parts = urlsplit(server.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.request("GET", "/v1/models", headers={"Origin": "http://elsewhere.example"})
    response = connection.getresponse()
    response.read()
    assert not response.headers.get("Access-Control-Allow-Origin")
    connection.request("GET", "/slots")
    assert connection.getresponse().status == http.HTTPStatus.NOT_IMPLEMENTED
    connection.close()


@pytest.mark.parametrize(("host", "expected"), [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False)])
def test_loopback_is_what_only_this_machine_reaches(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_an_address_others_reach_is_refused_unless_allowed_and_then_needs_a_key(gguf: Path) -> None:
    with pytest.raises(ConfigError, match=r"can be reached from other machines(.|\n)*--allow-remote"):
        Gateway(gguf, host="0.0.0.0").settings()
    with pytest.raises(ConfigError, match=r"needs a key(.|\n)*IDIOLECT_API_KEY"):
        Gateway(gguf, host="0.0.0.0", allow_remote=True).settings()
    assert Gateway(gguf, host="0.0.0.0", allow_remote=True, api_key="k").settings().host == "0.0.0.0"


def test_a_system_prompt_for_a_file_without_a_template_is_refused(tmp_path: Path) -> None:
    from gguf import GGUFWriter

    path = tmp_path / "bare.gguf"
    writer = GGUFWriter(path, "qwen2")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(ModelError, match="has no chat template"):
        Gateway(path, system="x").settings()


def test_serving_ends_with_the_machines_fault_when_llama_cpp_dies(gguf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[LlamaServer] = []
    start = LlamaServer.start

    def remember(settings: Any) -> LlamaServer:
        started.append(start(settings))
        return started[0]

    monkeypatch.setattr(LlamaServer, "start", remember)
    told: list[tuple[str, int]] = []

    def ready(url: str, context: int) -> None:
        told.append((url, context))
        started[0]._process.kill()

    with pytest.raises(InfrastructureError, match=r"llama.cpp stopped serving \(llama.cpp ended with signal 9\)"):
        serve(Gateway(gguf, port=0, context=100_000), ready)
    assert told[0][1] == 1024
    assert json.dumps(told)
