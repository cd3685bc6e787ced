from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy

from idiolect.core.records import Document, Example, Message, Provenance
from idiolect.lm.chat import ChatFormat
from idiolect.lm.load import load_model
from idiolect.train.attention import attend, use_packed_attention
from idiolect.train.batch import IGNORED, MULTIPLE, Batch, collate, loss_sum
from idiolect.train.job import Job
from idiolect.train.pack import Row, Tokens, pack
from idiolect.train.prefix import SHORTEST
from idiolect.train.tokens import document_tokens, example_tokens


@pytest.fixture(scope="module")
def model(tiny_base: Path) -> Any:
    return packed(tiny_base)


def packed(base: Path) -> Any:
    model = load_model(base)
    use_packed_attention(model)
    return model


@pytest.fixture(scope="module")
def plain(tiny_base: Path) -> Any:
    return load_model(tiny_base)


@pytest.fixture(scope="module")
def sequences(chat: ChatFormat, examples: list[Example], documents: list[Document]) -> list[Tokens]:
    return [*(example_tokens(chat, e) for e in examples), *(document_tokens(chat, d) for d in documents)]


def loss_alone(model: Any, sequence: Tokens) -> torch.Tensor:
    """The loss by hand: one sequence, no mask, no positions, one cross-entropy after the other."""
    logits = model(input_ids=torch.tensor([sequence.ids])).logits[0].float()
    losses = [-logits[i - 1].log_softmax(dim=-1)[sequence.ids[i]] for i in range(1, len(sequence)) if sequence.trained[i]]
    return torch.stack(losses).sum() if losses else torch.zeros(())


def test_the_loss_of_packed_rows_is_the_loss_of_each_sequence_alone(model: Any, plain: Any, sequences: list[Tokens]) -> None:
    rows = pack(sequences, 256)
    assert max(len(row.parts) for row in rows) > 3
    with torch.no_grad():
        together = loss_sum(model, collate(rows))
        alone = sum(loss_alone(plain, sequence) for sequence in sequences)
    trained = sum(row.trained for row in rows)
    assert together.item() / trained == pytest.approx(float(alone) / trained, abs=1e-5)


def test_packing_does_not_change_the_gradient(model: Any, plain: Any, sequences: list[Tokens]) -> None:
    rows = pack(sequences[:8], 512)
    gradients: list[torch.Tensor] = []
    for each, total in ((model, loss_sum(model, collate(rows))), (plain, sum(loss_alone(plain, s) for s in sequences[:8]))):
        each.zero_grad()
        total.backward()  # pyright: ignore[reportAttributeAccessIssue]
        gradients.append(each.model.layers[0].self_attn.q_proj.weight.grad.clone())
        each.zero_grad()
    assert torch.allclose(gradients[0], gradients[1], rtol=1e-3, atol=1e-5 * float(gradients[1].abs().max()))


def test_what_a_row_holds_besides_changes_nothing(model: Any, sequences: list[Tokens]) -> None:
    one, other = sequences[0], sequences[5]
    with torch.no_grad():
        losses = [loss_sum(model, collate([Row(parts)])).item() for parts in ((one, other), (other, one), (one,), (other,))]
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
    assert losses[0] == pytest.approx(losses[2] + losses[3], abs=1e-4)


def test_tensors_of_a_batch_say_who_sees_whom_and_what_is_predicted() -> None:
    batch = collate([Row((Tokens((5, 6, 7), (False, False, True)), Tokens((8, 9), (True, True)))), Row((Tokens((3,), (True,)),))])
    assert batch.ids.tolist() == [[5, 6, 7, 8, 9, 3, *[0] * 26]]
    assert batch.positions.tolist() == [[0, 1, 2, 0, 1, 0, *range(26)]]
    assert batch.sources.tolist() == [1, 3, *[0] * 30]
    assert batch.labels.tolist() == [7, 9, *[IGNORED] * 30]
    assert (batch.lengths, batch.shared, batch.trained) == ((3, 2, 1, 26), (0, 0, 0, 0), (1, 1, 0))


def test_batches_are_filled_up_to_few_sizes_on_a_cpu_and_nowhere_else() -> None:
    rows = {length: Row((Tokens(tuple(range(length)), (True,) * length),)) for length in range(2, 200, 7)}
    assert {collate([row]).ids.shape[1] for row in rows.values()} == {32 * times for times in range(1, 8)}
    assert {len(collate([row]).labels) for row in rows.values()} == {32 * times for times in range(1, 8)}
    for length, row in rows.items():
        other = collate([row], "meta")
        assert (other.ids.shape, other.labels.shape, other.lengths) == ((1, length), (length - 1,), (length,))
    full = Tokens(tuple(range(64)), (True,) * 33 + (False,) * 31)
    assert (collate([Row((full,))]).lengths, len(collate([Row((full,))]).labels)) == ((64,), 32)


def test_what_fills_a_batch_up_changes_neither_loss_nor_gradient(tiny_base: Path, sequences: list[Tokens]) -> None:
    rows = pack(sequences[:6], 256)
    found: list[tuple[float, torch.Tensor]] = []
    for filled in (True, False):
        model, batch = packed(tiny_base), collate(rows)
        own = sum(row.tokens for row in rows)
        assert batch.lengths[-1] == -own % MULTIPLE > 0
        trained = sum(batch.trained)
        if not filled:
            ends = batch.sources[:trained], batch.labels[:trained], batch.lengths[:-1], batch.shared[:-1], batch.trained
            batch = Batch(batch.ids[:, :own], batch.positions[:, :own], *ends)
        loss = loss_sum(model, batch, smoothing=0.1) / trained
        loss.backward()
        found.append((loss.item(), model.model.embed_tokens.weight.grad))
    assert found[0][0] == pytest.approx(found[1][0], abs=1e-6)
    torch.testing.assert_close(found[0][1], found[1][1], rtol=1e-3, atol=1e-5 * float(found[1][1].abs().max()))


def test_what_a_sequence_shares_with_the_one_before_it_is_in_a_batch_once_and_trained_for_both() -> None:
    same = tuple(range(10, 20))
    parts = [Tokens((*same, *own), (False,) * 9 + (True,) * (1 + len(own))) for own in ((1, 2), (3, 4, 5))]
    batch = collate([Row((Tokens((7,), (False,)),)), Row(tuple(parts))])
    assert batch.ids.tolist()[0][:16] == [7, *same, 1, 2, 3, 4, 5]
    assert batch.positions.tolist()[0][:16] == [0, *range(12), 10, 11, 12]
    assert batch.sources.tolist()[:7] == [9, 10, 11, 9, 10, 13, 14]  # the last shared token predicts what follows in each
    assert batch.labels.tolist()[:7] == [19, 1, 2, 19, 3, 4, 5]
    assert (batch.lengths[:3], batch.shared[:3], batch.trained) == ((1, 12, 3), (0, 0, 10), (0, 3, 4))


def beginning_alike(chat: ChatFormat) -> list[Tokens]:
    """Two system prompts, a question that both of them are asked, and two answers to one question, trained on all of it."""
    prompts = ("You are an expert BBj programmer who answers with code.", "You are an expert reviewer of BBj programs.")
    asked = [(prompts[0], "Print a.", "print a"), (prompts[0], "Print a.", "print a;end"), (prompts[0], "Add one.", "a=a+1")]
    turns = [*asked, (prompts[1], "Print a.", "print a")]
    ids = [chat.training_ids([Message("system", s), Message("user", u), Message("assistant", a)])[0] for s, u, a in turns]
    return [Tokens(tuple(some), (True,) * len(some)) for some in ids]


@pytest.mark.parametrize("blocks", [True, False])
def test_computing_a_beginning_once_changes_neither_loss_nor_gradient(
    tiny_base: Path, chat: ChatFormat, monkeypatch: pytest.MonkeyPatch, blocks: bool
) -> None:
    if not blocks:
        monkeypatch.setattr("idiolect.train.attention.suits", lambda *_: False)
    sequences = beginning_alike(chat)
    together, alone = [Row(tuple(sequences))], [Row((sequence,)) for sequence in sequences]
    assert together[0].shared[1] > together[0].shared[2] > together[0].shared[3] >= SHORTEST
    assert together[0].tokens < 0.7 * sum(row.tokens for row in alone)
    assert together[0].trained == sum(row.trained for row in alone)
    found: list[tuple[float, dict[str, torch.Tensor]]] = []
    for rows in (together, alone):
        model = packed(tiny_base)
        loss = loss_sum(model, collate(rows)) / together[0].trained
        loss.backward()
        found.append((loss.item(), {name: parameter.grad for name, parameter in model.named_parameters()}))
    assert found[0][0] == pytest.approx(found[1][0], abs=1e-5)
    for name, gradient in found[1][1].items():
        torch.testing.assert_close(found[0][1][name], gradient, rtol=1e-3, atol=1e-5 * float(gradient.abs().max()))


def test_a_model_whose_sequences_would_see_one_another_is_refused(plain: Any, sequences: list[Tokens]) -> None:
    with pytest.raises(ValueError, match="use_packed_attention"):
        loss_sum(plain, collate([Row(tuple(sequences[:2]))]))


def test_heads_that_share_keys_are_attended_like_those_that_do_not() -> None:
    torch.manual_seed(0)
    query, key, value = torch.randn(1, 4, 7, 8), torch.randn(1, 2, 7, 8), torch.randn(1, 2, 7, 8)
    shared, _ = attend(None, query, key, value, None, lengths=(3, 4), shared=(0, 0))
    alone, _ = attend(
        None, query, key.repeat_interleave(2, dim=1), value.repeat_interleave(2, dim=1), None, lengths=(3, 4), shared=(0, 0)
    )
    assert torch.allclose(shared, alone, atol=1e-6)
    assert shared.shape == (1, 7, 4, 8)


def test_the_masked_loss_is_the_one_computed_by_hand(model: Any, plain: Any, chat: ChatFormat, examples: list[Example]) -> None:
    ids, mask = chat.training_ids(examples[3].messages)
    labels = torch.tensor([i if trained else -100 for i, trained in zip(ids, mask, strict=True)])
    with torch.no_grad():
        logits = plain(input_ids=torch.tensor([ids])).logits[0]
        by_hand = cross_entropy(logits[:-1].float(), labels[1:], reduction="sum")
        found = loss_sum(model, collate([Row((example_tokens(chat, examples[3]),))]))
    assert found.item() == pytest.approx(by_hand.item(), rel=1e-5)


def test_of_a_conversation_every_answer_and_its_end_token_are_trained_on(plain: Any, model: Any, chat: ChatFormat) -> None:
    turns = [Message("system", "s"), Message("user", "one?"), Message("assistant", "first"), Message("user", "two?")]
    turns.append(Message("assistant", "second answer"))
    ids, mask = chat.training_ids(turns)
    start, end, newline = chat.control.token_to_id("<|im_start|>"), chat.end_id, chat.encode_text("\n")

    def turn(role: str, content: str, trained: bool) -> tuple[list[int], list[bool]]:
        head = [start, *chat.encode_text(role), *newline]
        body = [*chat.encode_text(content), end]
        return [*head, *body, *newline], [False] * len(head) + [trained] * len(body) + [False] * len(newline)

    parts = [turn(message.role, message.content, message.role == "assistant") for message in turns]
    by_hand = [i for part, _ in parts for i in part], [m for _, part in parts for m in part]
    cut = len(ids)  # what follows the last end token is not there
    assert (ids, mask) == (by_hand[0][:cut], by_hand[1][:cut])
    assert ids[-1] == end
    sequence = Tokens(tuple(ids), tuple(mask))
    with torch.no_grad():
        assert loss_sum(model, collate([Row((sequence,))])).item() == pytest.approx(loss_alone(plain, sequence).item(), rel=1e-5)


def test_a_batch_of_prompts_only_has_no_loss_and_no_gradient(tiny_base: Path, chat: ChatFormat, examples: list[Example]) -> None:
    model = packed(tiny_base)
    prompts = [tuple(chat.prompt_ids(e.messages[:-1])) for e in examples[:3]]
    loss = loss_sum(model, collate([Row((Tokens(ids, (False,) * len(ids)),)) for ids in prompts]))
    loss.backward()
    assert loss.item() == 0
    assert all(p.grad is None or not p.grad.any() for p in model.parameters())


@pytest.mark.filterwarnings("ignore")  # TRL's own
def test_the_loss_is_the_one_trl_computes_on_the_same_rows(
    model: Any, tiny_base: Path, chat: ChatFormat, examples: list[Example], make_job: Callable[..., Job], tmp_path: Path
) -> None:
    from datasets import Dataset
    from transformers import AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    rows = [{"prompt": chat.text(e.messages[:-1]), "completion": f"{e.answer}{chat.end_token}"} for e in examples[:6]]
    config = SFTConfig(
        output_dir=str(tmp_path),
        completion_only_loss=True,
        per_device_eval_batch_size=6,
        max_length=None,
        report_to=[],
        use_cpu=True,
        bf16=False,
        disable_tqdm=True,
    )
    data = Dataset.from_list(rows)
    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    trainer = SFTTrainer(
        model=load_model(tiny_base), args=config, train_dataset=data, eval_dataset=data, processing_class=tokenizer
    )
    ours = [example_tokens(chat, e) for e in examples[:6]]
    theirs: Any = trainer.eval_dataset
    assert [tuple(row["input_ids"]) for row in theirs] == [sequence.ids for sequence in ours]
    filled = pack(ours, 512)
    with torch.no_grad():
        mean = loss_sum(model, collate(filled)).item() / sum(row.trained for row in filled)
    assert trainer.evaluate()["eval_loss"] == pytest.approx(mean, abs=1e-5)


def test_the_system_prompt_and_the_question_are_never_trained_on(chat: ChatFormat) -> None:
    turns = (Message("system", "s"), Message("user", "u"), Message("assistant", "a"))
    sequence = example_tokens(chat, Example(turns, Provenance("a.md")))
    labels = collate([Row((sequence,))]).labels.tolist()
    assert [label for label in labels if label != IGNORED] == [*chat.encode_text("a"), chat.end_id]
