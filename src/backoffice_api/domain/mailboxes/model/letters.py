"""Letters: what a mail, or a message of another channel, was found to say.

A letter is made of what somebody else wrote: nothing in it is believed. It is bounded in every
direction before it comes near a table.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime

from backoffice_api.domain.kernel.choices import Choice

CONTENT = {"personal": "content"}
CONTACT = {"personal": "contact"}

RAW_BYTES_MAX = 10_000_000
# What is read of one mail; what is beyond stays in the raw one.
TEXT_LENGTH_MAX = 50_000
SUBJECT_LENGTH_MAX = 250
MAIL_ID_LENGTH_MAX = 250
REFERENCES_MAX = 50
ADDRESSES_MAX = 100
PARTS_MAX = 50
NAME_LENGTH_MAX = 120

_MAIL_ID = re.compile(r"<([^<>\s\x00-\x1f\x7f]{1,248})>")


class Automatic(Choice):
    """Whether a person wrote it."""

    NO = "no", "Nothing says that it was written by a program."
    REPLY = "reply", "A program answered: somebody is away, or something was received."
    NOTICE = "notice", "A program wrote it by itself, or to many at once."
    BOUNCE = "bounce", "A mail server tells what became of a mail of ours."


@dataclass(frozen=True, slots=True)
class LetterPart:
    """Something that hangs on a letter. `content`: None where it is beyond what is read."""

    name: str
    media_type: str
    content: bytes | None = field(repr=False)
    byte_size: int


@dataclass(frozen=True, slots=True)
class Letter:
    """`mail_id` and `references` stand without angle brackets; the nearest of these is last.

    `sender` is empty where none can be read. `recipients`: all addresses that it names, or was
    delivered to. `quoted_from`: from which character on the text repeats what was written before.
    `about`: the Message-ID of the mail that did not arrive, of which a bounce tells; `failed`: for
    good. `own`: it carries the mark of mails that we send ourselves. `conversation`: where it
    belongs on a channel that keeps them apart itself.
    """

    mail_id: str | None
    references: tuple[str, ...]
    sender: str = field(metadata=CONTACT)
    sender_name: str = field(metadata=CONTACT)
    recipients: tuple[str, ...] = field(metadata=CONTACT)
    subject: str = field(metadata=CONTENT)
    sent_at: datetime | None
    text: str = field(metadata=CONTENT)
    quoted_from: int | None
    automatic: Automatic
    about: str | None
    failed: bool
    own: bool
    conversation: str | None
    parts: tuple[LetterPart, ...]


class UnreadableError(Exception):
    """A mail that is not read. The text says why, and repeats nothing of the mail."""


def mail_ids(text: str, maximum: int = REFERENCES_MAX) -> tuple[str, ...]:
    """The Message-IDs in a header without their brackets, each once; of too many the last ones."""
    found = dict.fromkeys(each.group(1) for each in _MAIL_ID.finditer(text))
    return tuple(found)[-maximum:]
