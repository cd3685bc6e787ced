"""The table of checks: what each is called, how grave it is, why it matters, who says so, and whether `clean` mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["error", "warning", "info"]
Needs = Literal["", "validator", "levels", "tokenizer", "suite", "split"]


@dataclass(frozen=True, slots=True)
class Check:
    """One check."""

    id: str
    severity: Severity
    """`error`: training on it teaches something wrong. `warning`: the data are worse for it. `info`: a table to look at."""
    finds: str
    """What it finds, in one sentence."""
    why: str
    """Why that matters."""
    source: str
    """Where that can be read."""
    fixer: str = ""
    """What `clean` does about it; empty when nothing is certain enough to be done by a program."""
    groups: bool = False
    """It finds groups of records: a hit is a group."""
    needs: Needs = ""
    """What it needs beside the records; without it the check is not run, and that is said."""


_COMMONMARK: Final = "CommonMark 0.31.2, section 4.5, https://spec.commonmark.org/0.31.2/#fenced-code-blocks"
_TEMPLATES: Final = "https://huggingface.co/docs/transformers/chat_templating"
_DEDUP: Final = "Lee et al. 2022, https://arxiv.org/abs/2107.06499"
_CODE_DEDUP: Final = "Allamanis 2019, https://arxiv.org/abs/1812.06469"

CHECKS: Final[tuple[Check, ...]] = (
    Check(
        "corrupt-record",
        "error",
        "A line or file that cannot be read as a record.",
        "A trainer either stops there or skips it without a word, and the counts no longer add up.",
        "JSON Lines, https://jsonlines.org",
        "the line is left out",
    ),
    Check(
        "missing-role",
        "error",
        "A conversation without a user's or an assistant's turn, with an unknown role, or whose turns do not alternate and end "
        "with the assistant.",
        "Without an answer there is nothing to learn; chat templates reject turns that do not alternate, or render them as "
        "something the model never meets again.",
        _TEMPLATES,
        "the record is dropped",
    ),
    Check(
        "missing-system-prompt",
        "warning",
        "A conversation without a system message, in a format that has one.",
        "Some chat templates put a text of their own in its place, so the model is trained with a prompt that nobody chose and "
        "that is not the one it is served with.",
        _TEMPLATES,
        "the pack's prompt for what the record is (an answer or an explanation) is put first",
    ),
    Check(
        "uniform-system-prompt",
        "warning",
        "One system prompt stands over more than nine in ten of the conversations (from 20 on).",
        "The model learns that there is only this one role, and behaves unforeseeably under another prompt, such as an editor's.",
        "Lee et al. 2025, https://arxiv.org/abs/2502.11330",
        "the pack's prompts are dealt out by use: 60 % assistant, 15 % completion, 15 % explainer, 10 % structured",
        groups=True,
    ),
    Check(
        "empty-response",
        "error",
        "An answer without text, or with an empty fence only.",
        "It teaches the model to end at once.",
        "Chen et al. 2023, https://arxiv.org/abs/2307.08701",
        "the record is dropped",
    ),
    Check(
        "truncated-response",
        "error",
        "An answer that stops in the middle of a sentence, a list or a statement.",
        "The model learns to stop there too; a limit on tokens when the data were made is the usual cause.",
        "Zhou et al. 2023, https://arxiv.org/abs/2305.11206",
        "the record is dropped",
    ),
    Check(
        "escaped-newline",
        "error",
        "A text in which line breaks are the two characters \\n.",
        "The text was escaped twice. A language of lines becomes one line that no compiler accepts, and the model writes it so.",
        "RFC 8259, section 7, https://www.rfc-editor.org/rfc/rfc8259#section-7",
        "the line breaks are put in",
    ),
    Check(
        "unclosed-fence",
        "error",
        "A code fence that is opened and not closed.",
        "What extracts code from answers takes the text after it for code, and the model learns to leave fences open.",
        _COMMONMARK,
        "the fence is closed at the end of the answer, where the program before it is whole",
    ),
    Check(
        "untagged-fence",
        "warning",
        "A fence around code of the language that does not name it.",
        "The model then tags at random, and a tool that looks for the tag misses the program.",
        _COMMONMARK,
        "the language's tag is added",
    ),
    Check(
        "quoted-code",
        "warning",
        "Code in lines that begin with >, like a quoted mail.",
        "Markdown shows it as running text, and no tool can take the program out of the answer.",
        "CommonMark 0.31.2, section 5.1, https://spec.commonmark.org/0.31.2/#block-quotes",
        "the marks are taken away and the code is put into a fence",
    ),
    Check(
        "unfenced-code",
        "warning",
        "Code that stands in an answer without a fence.",
        "A reader cannot tell where the program ends, and neither can a tool.",
        _COMMONMARK,
        "the code is put into a fence",
    ),
    Check(
        "mixed-format",
        "warning",
        "Requests for a program are answered in several formats: a fence alone, a fence with text, quoted, bare.",
        "The model draws a format at random for each answer; whatever reads its answers must then be ready for all of them.",
        "Zhou et al. 2023, https://arxiv.org/abs/2305.11206",
        "quoted and bare programs get a fence; text around a fence is left alone",
        groups=True,
    ),
    Check(
        "duplicate-prompt",
        "warning",
        "The same conversation up to the answer, more than once.",
        "Repeated records are learnt by heart and count as often as they stand there.",
        _DEDUP,
        "the better one is kept: one that compiles, then one whose program is fenced, then the longer answer, then the first",
        groups=True,
    ),
    Check(
        "conflicting-duplicate",
        "error",
        "The same conversation with answers that differ in more than layout, case and comments.",
        "The model is asked for two answers to one question; at best it learns neither well.",
        "Northcutt et al. 2021, https://arxiv.org/abs/2103.14749",
        "the better one is kept, as for duplicate-prompt",
        groups=True,
    ),
    Check(
        "near-duplicate",
        "warning",
        "Records whose prompts or programs are nearly the same (Jaccard's index of 5-shingles at least 0.8), also a program that "
        "was renamed or laid out anew.",
        "They count as often as they stand there, and inflate every score when they fall on both sides of a split.",
        _CODE_DEDUP,
        "the better one of records alike in prompt and program is kept; records alike in one of the two stay",
        groups=True,
    ),
    Check(
        "over-length",
        "warning",
        "A record with more tokens than a training sequence holds.",
        "A trainer cuts it off, usually at the answer's end, or leaves it out.",
        "Krell et al. 2021, https://arxiv.org/abs/2107.02027",
        "a conversation of several turns is split where an answer ends; a single turn that is too long is dropped",
        needs="tokenizer",
    ),
    Check(
        "length-outlier",
        "info",
        "An answer that is longer than the others by far: its logarithm is more than six deviations above the median.",
        "It is often a file that was pasted whole, or two records run together.",
        "Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers",
    ),
    Check(
        "answer-leak",
        "warning",
        "A prompt that holds its own answer.",
        "The model learns to copy instead of to write.",
        "Geirhos et al. 2020, https://arxiv.org/abs/2004.07780",
        "the record is dropped",
    ),
    Check(
        "template-monoculture",
        "warning",
        "More than half of the prompts (from 50 on) begin with the same four words.",
        "A model that has met one wording answers others worse.",
        "Wang et al. 2022, https://arxiv.org/abs/2212.10560",
        groups=True,
    ),
    Check(
        "control-token",
        "error",
        "A control token of a chat or fill-in-the-middle format inside a text, such as <|im_end|>.",
        "Most trainers read it as the token itself: it ends the turn, or opens another one.",
        _TEMPLATES,
        "tokens at the beginning and the end of a text are taken away; with one in the middle the record is dropped",
    ),
    Check(
        "template-roundtrip",
        "error",
        "A record that the chat template does not render as it is: the system message is lost, the end token is missing, or the "
        "mask covers something else than the answers.",
        "What is trained is then not what stands in the file, nor what is served.",
        _TEMPLATES,
        needs="tokenizer",
    ),
    Check(
        "bad-encoding",
        "error",
        "Text that was decoded wrongly: UTF-8 read as Windows-1252, U+FFFD, halves of surrogate pairs, control characters.",
        "The model learns the wreckage as if it were spelling.",
        "The Unicode Standard, sections 3.9 and 23.8, https://www.unicode.org/versions/latest/",
        "what was read as Windows-1252 is read again and control characters are taken away; with U+FFFD the record is dropped",
    ),
    Check(
        "secret",
        "error",
        "A key, token or password that looks real.",
        "Models repeat what they were trained on, and a key that is in a dataset is published with it.",
        "Meli et al. 2019, https://www.ndss-symposium.org/ndss-paper/how-bad-can-it-git-characterizing-secret-leakage-in-public-github-repositories/",
        "it is replaced by REDACTED",
    ),
    Check(
        "personal-data",
        "warning",
        "An e-mail address, telephone, card, account or social security number, or public IP address that looks real.",
        "Models give away persons' data word for word.",
        "Carlini et al. 2021, https://arxiv.org/abs/2012.07805",
        "it is replaced by a value reserved for examples",
    ),
    Check(
        "wrong-language",
        "error",
        "An answer whose program is in another language, though the prompt does not ask for that.",
        "A rare language is drowned out easily: a few such answers pull the model back to what it knows better.",
        "Chen et al. 2021, https://arxiv.org/abs/2107.03374",
        "the record is dropped",
    ),
    Check(
        "does-not-compile",
        "error",
        "A program in an answer that the pack's validator rejects.",
        "The model learns it as right. The validator is named with every finding: the compiler, or the embedded checker.",
        "docs/decisions/0004-who-judged.md",
        "repaired where the validator says how and the result compiles; else the record is dropped",
        needs="validator",
    ),
    Check(
        "invented-api",
        "error",
        "A program that calls what the language has not, as far as the validator's strongest level can tell.",
        "Invented methods are what models of rare languages get wrong most, and here they would be taught.",
        "docs/reference/bbj-levels.md",
        "the record is dropped",
        needs="levels",
    ),
    Check(
        "generation-mismatch",
        "warning",
        "A record whose program needs a newer generation of the language than its label names.",
        "The model is told that code belongs to a generation in which it does not run.",
        "docs/architecture.md",
    ),
    Check(
        "eval-overlap",
        "error",
        "A record that equals or nearly equals a task of the evaluation.",
        "The score then measures memory.",
        "Yang et al. 2023, https://arxiv.org/abs/2311.04850",
        "the record is dropped",
        needs="suite",
    ),
    Check(
        "split-leak",
        "error",
        "Equal or nearly equal records on different sides of the split.",
        "The validation loss then measures memory.",
        "Elangovan et al. 2021, https://arxiv.org/abs/2102.01818",
        groups=True,
        needs="split",
    ),
    Check(
        "refusal-share",
        "warning",
        "Answers that decline to answer.",
        "A small model that sees refusals refuses what it could do.",
        "Röttger et al. 2023, https://arxiv.org/abs/2308.01263",
    ),
    Check(
        "type-balance",
        "info",
        "Cells of the table type x generation x difficulty without a record, of the labelled records.",
        "What is not there is not learnt.",
        "Longpre et al. 2023, https://arxiv.org/abs/2305.13169",
        groups=True,
    ),
)
"""In the order of a report."""

BY_ID: Final = {check.id: check for check in CHECKS}
