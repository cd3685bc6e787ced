"""Secrets and personal data in a text: what looks real. Placeholders, documented examples and reserved ranges are none.

Reserved for examples: domains by RFC 2606, IP ranges by RFC 5737 and 1918, the telephone numbers 555-0100 to 555-0199.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple


class Find(NamedTuple):
    """Something private in a text."""

    kind: str
    start: int
    end: int
    instead: str
    """What may stand there."""


_REDACTED: Final = "REDACTED"
_KEYS: Final = re.compile(
    r"(?P<aws>\b(?:AKIA|ASIA)[0-9A-Z]{16}\b)"
    r"|(?P<github>\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{60,}\b)"
    r"|(?P<gitlab>\bglpat-[A-Za-z0-9_-]{20,}\b)"
    r"|(?P<slack>\bxox[baprs]-[A-Za-z0-9-]{20,}\b)"
    r"|(?P<google>\bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-]))"
    r"|(?P<stripe>\b[sr]k_live_[0-9A-Za-z]{20,}\b)"
    r"|(?P<openai>\bsk-(?:proj-|ant-|or-)?[A-Za-z0-9_-]{32,}\b)"
    r"|(?P<jwt>\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})"
    r"|(?P<private_key>-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
    r"(?:\s*[A-Za-z0-9+/=]{16,}[\s\S]*?-----END (?:[A-Z]+ )*PRIVATE KEY-----)?)"
)
_KEY_SIGNS: Final = (
    *("AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox"),
    *("AIza", "k_live_", "sk-", "eyJ", "PRIVATE KEY"),
)
_ASSIGNED: Final = re.compile(
    r"(?i)(?:passw(?:or)?d|passwd|pwd|secret|api_?key|access_?key|token)\w{0,20}[$!]?[\"']?\s*(?::=|=>|[=:])\s*"
    r"[\"'](?P<value>[^\"'\s]{12,200})[\"']"
)
_ASSIGNED_SIGNS: Final = ("passw", "pwd", "secret", "api_key", "apikey", "access", "token")
_URL: Final = re.compile(r"\b[a-z][a-z0-9+]{1,15}://[^\s:/@\"'<>]{1,64}:(?P<value>[^\s:/@\"'<>]{6,128})@[\w.-]+")
_PLACEHOLDER: Final = re.compile(
    r"(?i)example|your|placeholder|change.?me|dummy|sample|redacted|insert|replace|fake|todo|xxxx|\*\*\*|\.\.\.|<|>|\{|\}|\$\{|%s"
    r"|not.?a.?real|0123456789|1234567890|abcdefgh|password|secret|test"
)


def redacted(text: str, finders: Sequence[Callable[[str], Iterator[Find]]] | None = None) -> str:
    """The text with every secret and every personal value replaced, or with what `finders` find."""
    for find in (secrets_in, personal_in) if finders is None else finders:
        for found in sorted(find(text), key=lambda f: -f.start):
            text = text[: found.start] + found.instead + text[found.end :]
    return text


def secrets_in(text: str) -> Iterator[Find]:
    """Keys by their makers' formats, and values that are assigned to a name that says so and look random."""
    taken: list[tuple[int, int]] = []
    if _has(text, _KEY_SIGNS):
        for found in _KEYS.finditer(text):
            value = found[0]
            kind = (found.lastgroup or "").replace("_", " ")
            whole = len(value) > 60 or kind != "private key"
            if whole and not _is_placeholder(value) and (kind != "openai" or _looks_random(value[3:])):
                taken.append(found.span())
                yield Find(f"{kind} key" if kind != "private key" else kind, *found.span(), _REDACTED)
    lower = text.lower()
    if _has(lower, _ASSIGNED_SIGNS):
        for found in _ASSIGNED.finditer(text):
            start, end = found.span("value")
            if not any(a < end and start < b for a, b in taken) and _looks_random(found["value"]):
                yield Find("a value assigned as a secret", start, end, _REDACTED)
    if "://" in text and "@" in text:
        for found in _URL.finditer(text):
            if _looks_random(found["value"], 8):
                yield Find("a password in an address", *found.span("value"), _REDACTED)


def _has(text: str, signs: Sequence[str]) -> bool:
    """Whether one of several texts is there: fifteen plain searches are faster than one for their pattern."""
    for sign in signs:  # noqa: SIM110  a generator costs more than the searches
        if sign in text:
            return True
    return False


def _is_placeholder(value: str) -> bool:
    return _PLACEHOLDER.search(value) is not None or len(set(value)) < 8


def _looks_random(value: str, least: int = 12) -> bool:
    """Three kinds of characters and as much disorder as a word or a path has not (Shannon entropy, bits a character)."""
    if len(value) < least or _is_placeholder(value):
        return False
    kinds = sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", "[0-9]", r"[^\w\s]"))
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
    return kinds >= 3 and entropy >= min(3.2, math.log2(len(value)) - 0.5)


_MAIL: Final = re.compile(r"(?<![\w.%+-])[A-Za-z0-9._%+-]+@(?P<domain>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})\b(?![:/])")
_RESERVED_TOP: Final = frozenset({"example", "test", "invalid", "localhost", "local", "internal"})
_RESERVED_NAME: Final = frozenset(
    [
        "example",
        "examples",
        "test",
        "testing",
        "domain",
        "mydomain",
        "yourdomain",
        "company",
        "mycompany",
        "yourcompany",
        "acme",
        "foo",
        "bar",
        "sample",
        "demo",
        "email",
        "mail",
        "host",
        "server",
        "localhost",
        "site",
        "website",
        "somewhere",
        "shop",
        "myshop",
        "corp",
        "business",
        "firm",
    ]
)
_NO_PERSON: Final = frozenset({"noreply", "no-reply", "donotreply", "git"})
_NUMBERS: Final = re.compile(
    r"(?P<card>(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d))"
    r"|(?P<ssn>(?<![\w.-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-]|\.\d))"
    r"|(?P<phone>(?<![\w.+-])\+[1-9]\d{0,2}(?:[ ./-]?\(?\d{1,4}\)?){2,5}(?![\w-]|\.\d)"
    r"|(?<![\w.-])\([2-9]\d{2}\) ?[2-9]\d{2}-\d{4}(?![\w-]))"
    r"|(?P<ip>(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d))"
)
_STRETCH: Final = re.compile(r"\d[\d .()/-]{5,}\d")
_IBAN_BEGIN: Final = re.compile(r"[A-Z]{2}\d\d[ A-Z0-9]{11}")
"""Every number below has such a stretch: it is looked for first, because nearly every text has none."""
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_KNOWN: Final = frozenset(
    {
        *("123-45-6789", "078-05-1120", "219-09-9999", "111-11-1111", "222-22-2222", "333-33-3333", "444-44-4444", "555-55-5555"),
        *("GB29NWBK60161331926819", "DE89370400440532013000", "FR1420041010050500013M02606", "GB82WEST12345698765432"),
        *("NL91ABNA0417164300", "CH9300762011623852957", "AT611904300234573201", "ES9121000418450200051332"),
        *("4111111111111111", "4242424242424242", "4012888888881881", "4000000000000002", "5555555555554444", "5105105105105100"),
        *("5454545454545454", "378282246310005", "371449635398431", "6011111111111117", "6011000990139424", "3530111333300000"),
        *("30569309025904", "38520000023237", "4222222222222", "4444333322221111", "2223003122003222", "3566002020360505"),
    }
)
"""Numbers that card companies, banks and offices publish as examples."""
_VERSION: Final = re.compile(
    r"(?i)(?:\bv|version|release|build|revision|rev|update|bbj|java|jdk|level|section|oid|chapter)[\s.:#=\"'-]*$"
)


def personal_in(text: str) -> Iterator[Find]:
    """Addresses and numbers that could be somebody's."""
    if "@" in text:
        for found in _MAIL.finditer(text):
            if _is_persons(found):
                yield Find("e-mail address", *found.span(), "user@example.com")
    if _STRETCH.search(text) is not None:
        for found in _NUMBERS.finditer(text):
            kind = found.lastgroup or ""
            if _NUMBER_KINDS[kind](found[0], text, found.start()):
                name, instead = _NUMBER_NAMES[kind]
                yield Find(name, *found.span(), instead)
    if _IBAN_BEGIN.search(text) is not None:
        for found in _IBAN.finditer(text):
            if _iban(found[0]):
                yield Find("account number", *found.span(), "DE89 3704 0044 0532 0130 00")


def _is_persons(found: re.Match[str]) -> bool:
    parts = found["domain"].lower().split(".")
    local = found[0].split("@")[0].lower()
    return parts[-1] not in _RESERVED_TOP and not any(part in _RESERVED_NAME for part in parts[:-1]) and local not in _NO_PERSON


def _card(value: str, text: str, start: int) -> bool:
    digits = re.sub(r"\D", "", value)
    grouped = " " in value or "-" in value or len(value) >= 15
    return (
        digits[0] in "3456"
        and grouped
        and digits not in _KNOWN
        and len(set(digits)) > 4
        and 13 <= len(digits) <= 16
        and _luhn(digits)
    )


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _ssn(value: str, text: str, start: int) -> bool:
    return value not in _KNOWN


def _phone(value: str, text: str, start: int) -> bool:
    digits = re.sub(r"\D", "", value)
    masked = re.search(r"5550[01]\d\d$|555\d{4}$", digits) or len(set(digits[-7:])) < 3 or "12345" in digits or "45678" in digits
    shaped = value.startswith("(") or any(mark in value for mark in " ./-(")
    return shaped and 10 <= len(digits) <= 15 and not masked and not re.search(r"[=(,*/\d]\s*$", text[max(0, start - 3) : start])


def _ip(value: str, text: str, start: int) -> bool:
    parts = [int(part) for part in value.split(".")]
    if any(p > 255 for p in parts) or any(len(p) > 1 and p[0] == "0" for p in value.split(".")):
        return False
    a, b, c, _ = parts
    private = a in (0, 10, 127) or a >= 224 or (a == 172 and 16 <= b < 32) or (a, b) in {(192, 168), (169, 254), (100, 64)}
    shown = (a, b, c) in {(192, 0, 2), (198, 51, 100), (203, 0, 113)} or (a, b) in {(198, 18), (198, 19)}
    public_name = value in {"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "1.2.3.4"}
    # An outer number below 30 is a version far more often than an address.
    return not (private or shown or public_name or a < 30 or max(parts) < 30) and not _VERSION.search(
        text[max(0, start - 24) : start]
    )


def _iban(value: str) -> bool:
    """ISO 13616: the check digits, modulo 97."""
    bare = value.replace(" ", "")
    if bare in _KNOWN or not 15 <= len(bare) <= 34 or not re.search(r"\d{6}", bare):
        return False
    turned = bare[4:] + bare[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


_NUMBER_KINDS: Final = {"card": _card, "ssn": _ssn, "phone": _phone, "ip": _ip}
_NUMBER_NAMES: Final = {
    "card": ("card number", "4111 1111 1111 1111"),
    "ssn": ("social security number", "123-45-6789"),
    "phone": ("telephone number", "(555) 555-0100"),
    "ip": ("public IP address", "192.0.2.1"),
}
