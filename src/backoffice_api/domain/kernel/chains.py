"""Chains of hashes: each link is SHA-256 over the link before it and what it says.

Who changes a link, or takes one away, changes all that follow. What is hashed has one form, JSON in
UTF-8 with sorted keys and no spaces, so that anybody can compute it again.
"""

import json
from hashlib import sha256
from typing import Any

import orjson

GENESIS = bytes(32)
"""What stands before the first link."""

HASH_BYTES = 32


def canonical(value: Any) -> bytes:
    """The one form in which a value is hashed: of texts, whole numbers, truth, lists, objects."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # a number of more than 64 bits
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return text.encode()


def digest(content: bytes) -> bytes:
    """What stands for the content."""
    return sha256(content).digest()


def linked(previous_hash: bytes, content: bytes) -> bytes:
    """The next link of a chain."""
    return sha256(previous_hash + content).digest()
