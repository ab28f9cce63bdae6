"""What must never be read in a log or an error report: secrets and personal data.

A net below the rule that nobody logs such things. It knows names ("password"), our own tokens
("bo_...", "bs_..."), and the shapes in which secrets slip into text: URLs with passwords, headers,
`name: value` pairs, and the parameters and rows that database drivers quote. It would rather hide
too much than too little.
"""

import re
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

HIDDEN = "***"

TEXT_LENGTH_MAX = 8_000
# What is longer is cut before it is looked at, so that nobody can have us look for long.
_LOOKED_AT_MAX = 100_000
_DEPTH_MAX = 8
_ITEMS_MAX = 250
_NAMES_KEPT = 1_000
_INTEGER_BITS_MAX = 63  # what writers of JSON and stores of logs agree on

_WORDS = (
    "password|passwd|passphrase|secret|token|authorization|cookie|credential|signature|idempotency"
    "|api[_-]?key|private[_-]?key|session[_-]?id|card[_-]?number|tax[_-]?id|e[_-]?mail|phone|birth"
)
# Too short to be looked for inside other words: "pin" is in "shipping".
_SHORT_WORDS = "pin|cvv|cpf|cnpj|nif|iban|pix"

_SECRET_NAME = re.compile(rf"{_WORDS}|(?<![a-z])(?:{_SHORT_WORDS})(?![a-z])")
_CAMEL_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_UP_TO_NEXT = r"(?s:.*?)(?=\n(?:CONTEXT:|HINT:|LINE \d|\[SQL:|\[parameters:|\(Background)|\Z)"

# Every repetition is bounded: the text may be an attacker's, and must not cost quadratic time.
_SHAPES = (
    (re.compile(r"(?<![A-Za-z0-9])(b[os]_)[A-Za-z0-9_-]{8,}"), rf"\1{HIDDEN}"),
    (re.compile(r"whsec_[A-Za-z0-9+/=]{8,}"), f"whsec_{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s{1,9}[^\s\"',]{1,4096}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)(cookie:)[^\r\n]{0,4096}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(://[^:/?#@\s]{0,256}:)[^@\s]{1,256}(?=@)"), rf"\1{HIDDEN}"),
    (re.compile(r"(\[parameters:)[^\n]*"), rf"\1 {HIDDEN}]"),  # SQLAlchemy
    # PostgreSQL's DETAIL: values may have lines of their own, so all is hidden up to what follows.
    (re.compile(rf"(Key \([^)\n]{{0,256}}\)=\(){_UP_TO_NEXT}"), rf"\1{HIDDEN})"),
    (re.compile(rf"(Failing row contains \(){_UP_TO_NEXT}"), rf"\1{HIDDEN})"),
    (
        re.compile(
            rf"(?i)((?:{_WORDS}|\b(?:{_SHORT_WORDS}))[\w-]{{0,40}}\\?[\"']?\s{{0,4}}[:=]\s{{0,4}})"
            r"(?:\"[^\"]{0,4096}\"|'[^']{0,4096}'|[^\s,;&)}\]]{1,4096})"
        ),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(r"[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"),
        f"{HIDDEN}@{HIDDEN}",
    ),
    (re.compile(r"(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)"), HIDDEN),  # CPF as it is written
    (re.compile(r"(?<!\w)\w{2}\.\w{3}\.\w{3}/\w{4}-\d{2}(?!\d)"), HIDDEN),  # CNPJ
)
# ISO/IEC 7812 numbers of 15 to 19 digits as they are printed on cards and typed.
_CARD = re.compile(
    r"(?<![\w-])(?:[2-6]\d{3}(?P<gap>[ -]?)\d{4}(?P=gap)\d{4}(?P=gap)\d{3,7}"
    r"|3\d{3}[ -]\d{6}[ -]\d{5})(?![\w-])"
)
# One cheap look that lets most words of a log line pass without trying every shape.
_SUSPICIOUS = re.compile(
    r"[:=@(\[]|b[os]_|whsec_|(?i:bearer|basic)|\w\.\w{3}\.\w{3}|[2-6]\d{3}[ -]?\d{4}"
)

# Control characters, line and paragraph separators, bidirectional overrides, lone surrogates:
# whatever could begin a new line, move a cursor, or fail to be written as UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def is_secret(name: str) -> bool:
    """Whether a value under this name is hidden: `apiKey`, `X-Api-Key`, `idempotency_key`."""
    return _SECRET_NAME.search(_CAMEL_HUMP.sub("_", name).lower()) is not None


def without_secrets(text: str) -> str:
    """The text with everything that has the shape of a secret replaced by `***`."""
    if not _SUSPICIOUS.search(text):
        return text
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return _CARD.sub(lambda digits: HIDDEN if _is_card(digits[0]) else digits[0], text)


def printable(text: str, *, keep: str = "") -> str:
    r"""The text with control characters as escapes (a line feed as `\n`), so that it is one line.

    Those in `keep` stay as they are.
    """
    if not _UNPRINTABLE.search(text):
        return text
    return _UNPRINTABLE.sub(lambda c: c[0] if c[0] in keep else ascii(c[0])[1:-1], text)


def shortened(text: str) -> str:
    """The text, or the beginning and the end of one that is longer than `TEXT_LENGTH_MAX`."""
    if len(text) <= TEXT_LENGTH_MAX:
        return text
    half = TEXT_LENGTH_MAX // 2
    return f"{text[:half]} ({len(text) - 2 * half} characters left out) {text[-half:]}"


def harmless(text: str) -> str:
    """The text without secrets, and not too long. In this order: half a secret has no shape."""
    if len(text) > _LOOKED_AT_MAX:
        text = f"{text[:_LOOKED_AT_MAX]} ({len(text) - _LOOKED_AT_MAX} characters left out)"
    return shortened(without_secrets(text))


def redacted(value: object, *, depth: int = 0) -> object:
    """The value as None, bool, int, float, str, list and dict, fit for a log, secrets hidden.

    What is nested too deep, too long or too large is cut, and says so.
    """
    match value:
        case None | bool() | float():
            return value
        case int():
            bits = value.bit_length()
            return value if bits <= _INTEGER_BITS_MAX else f"(integer of {bits} bits)"
        case str():
            return printable(harmless(value))
        case bytes() | bytearray() | memoryview():
            return f"({len(value)} bytes)"
        case Mapping() | list() | tuple() | Set() if depth >= _DEPTH_MAX:
            return "(nested too deep)"
        case Mapping():
            return redacted_pairs(value, depth=depth)
        case list() | tuple() | Set():
            return [redacted(item, depth=depth + 1) for item in list(value)[:_ITEMS_MAX]]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return redacted_pairs(
                {f.name: getattr(value, f.name) for f in fields(value)}, depth=depth
            )
        case _:
            return redacted(str(value))


def redacted_pairs(pairs: Mapping[Any, object], *, depth: int = 0) -> dict[str, object]:
    """Names and values fit for a log: those under a secret name hidden, the others redacted."""
    shown: dict[str, object] = {}
    for key, value in list(pairs.items())[:_ITEMS_MAX]:
        name, is_hidden = _name(str(key))
        hide = is_hidden and value is not None
        shown[name] = HIDDEN if hide else redacted(value, depth=depth + 1)
    return shown


@lru_cache(_NAMES_KEPT)
def _name(key: str) -> tuple[str, bool]:
    """How a name is shown, and whether what stands under it is hidden."""
    name = printable(shortened(key))
    return name, is_secret(name)


def _is_card(digits: str) -> bool:
    """Luhn's check, ISO/IEC 7812-1 annex B."""
    numbers = [int(digit) for digit in reversed(digits) if digit.isdecimal()]
    doubled = [sum(divmod(2 * number, 10)) for number in numbers[1::2]]
    return (sum(numbers[::2]) + sum(doubled)) % 10 == 0
