"""Secrets that protect nothing: too short, or known to everybody who has read a manual.

Production does not start with one. What stands in an example is copied, and what is tried out with
`changeme` goes on the air with it.
"""

import re
from collections.abc import Iterator, Mapping

import orjson

# Characters that a secret has at least, by the setting. Those of others are as long as they make
# them; these are the shortest that were ever given out.
LENGTHS_MIN: Mapping[str, int] = {
    "audit_secret": 32,  # each of several, separated by commas
    "cursor_secret": 32,
    "easypost_api_secret": 20,
    "easypost_webhook_secret": 16,
    "encryption_keys_secret": 46,  # one id of a letter, a colon, 32 bytes in base64
    "melhor_envio_webhook_secret": 16,
    "shippo_api_secret": 20,
    "shippo_webhook_secret": 16,
    "smtp_password_secret": 8,
    "stripe_api_secret": 20,
    "stripe_webhook_secret": 20,
}
# Settings with several secrets, as JSON: each text under one of these names has at least so many.
_SECRET_MEMBERS = re.compile(r"password|secret|token|key|webhook", re.IGNORECASE)
MEMBER_LENGTH_MIN = 8

_CHARACTERS_APART_MIN = 5

# Parts of what stands in examples, tutorials and lists of passwords, in lower case without signs.
_WELL_KNOWN = (
    "admin123",
    "backoffice",
    "changeit",
    "changeme",
    "changethis",
    "default",
    "dontuse",
    "example",
    "insecure",
    "letmein",
    "password",
    "passw0rd",
    "placeholder",
    "qwerty",
    "replaceme",
    "secret",
    "test1234",
    "topsecret",
    "verysecret",
    "xxxx",
    "yourkey",
    "yourtoken",
    "12345678",
    "abcdefgh",
    "deadbeef",
    "0123456789",
)
_SIGNS = re.compile(r"[^a-z0-9]+")
# How the secrets of others begin, which says what they are and not what is in them.
_PREFIXES = re.compile(r"^(whsec_|sk_live_|sk_test_|rk_live_|shippo_live_|shippo_test_|EZ[AT]K)")
_SAMPLES_LENGTH_MAX = 40


def weakness(name: str, value: str) -> str | None:
    """What is wrong with the secret of a setting, in words that do not repeat it. None: nothing."""
    if name == "encryption_keys_secret":
        # Whether each is a random key is seen when they are read.
        return _too_short(value, LENGTHS_MIN[name])
    if name not in LENGTHS_MIN:
        return next(_of_members(value), None)
    parts = value.split(",") if name == "audit_secret" else [value]
    faults = (_too_short(each.strip(), LENGTHS_MIN[name]) or _known(each) for each in parts)
    return next(filter(None, faults), None)


def _of_members(value: str) -> Iterator[str]:
    try:
        content = orjson.loads(value)
    except orjson.JSONDecodeError:
        return  # what reads it says what is wrong with it
    for name, text in _texts(content):
        if _SECRET_MEMBERS.search(name) and "url" not in name.lower():
            fault = _too_short(text, MEMBER_LENGTH_MIN) or _known(text)
            if fault is not None:
                yield f"its member `{name}` {fault}"


def _texts(content: object, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _texts(value, str(key))
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value, name)
    elif isinstance(content, str):
        yield name, content


def _too_short(value: str, minimum: int) -> str | None:
    return f"has fewer than {minimum} characters" if len(value) < minimum else None


def _known(value: str) -> str | None:
    core = _PREFIXES.sub("", value)
    if len(set(core)) < _CHARACTERS_APART_MIN:
        return "is a pattern, not a secret"
    plain = _SIGNS.sub("", core.lower())
    # A long random text may contain any of these by chance; a sentence of them is not that long.
    if len(plain) <= _SAMPLES_LENGTH_MAX and any(each in plain for each in _WELL_KNOWN):
        return "is a well-known default"
    return None
