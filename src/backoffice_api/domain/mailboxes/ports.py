"""What mailboxes need of the outside: servers that hold mail, and channels of other kinds.

A channel (WhatsApp, the questions of a marketplace) is an adapter of `TicketChannel`. What it
tells is kept and threaded as mails are; what is answered goes out by the same queue.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from backoffice_api.domain.messages.ports import MailAnswer


class SourceSilentError(Exception):
    """A server cannot be reached, or does not answer as it should. The text holds no secrets."""


@dataclass(frozen=True, slots=True)
class WaitingMail:
    """A mail on a server. `raw`: all of it, or its beginning where it is too large."""

    key: str
    byte_size: int
    is_whole: bool
    raw: bytes = field(repr=False)


class MailSource(Protocol):
    """An open mailbox on a server. Each method may raise SourceSilentError."""

    def waiting(self, limit: int) -> Iterator[WaitingMail]:
        """Mails that were not taken yet, the oldest first, fetched one by one."""

    def done(self, key: str) -> None:
        """Mark a mail as taken. Called only after it is kept here."""


class MailSources(Protocol):
    """Opens mailboxes, by their codes."""

    def open(
        self, code: str, folder: str, done_folder: str | None
    ) -> AbstractContextManager[MailSource]:
        """Raises: SourceSilentError: also where the settings name no server for it."""

    def knows(self, code: str) -> bool:
        """Whether the settings name a server for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelMessage:
    """What somebody wrote on a channel. `id` and `conversation`: as the channel names them.

    `author`: as the channel names them; an e-mail address if it is one.
    """

    id: str
    conversation: str
    author: str
    author_name: str
    subject: str
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class ChannelPage:
    """What is new behind a cursor, in its order, and the cursor behind that."""

    messages: Sequence[ChannelMessage]
    cursor: str


@dataclass(frozen=True, slots=True)
class ChannelReply:
    """What the shop answers. `key`: the same whenever it is sent."""

    key: str
    conversation: str
    text: str


class TicketChannel(Protocol):
    """A way other than mail by which customers write."""

    def fetch(self, cursor: str, limit: int) -> ChannelPage:
        """What is new behind `cursor`; empty: from the beginning. Raises: SourceSilentError."""

    def send(self, reply: ChannelReply) -> MailAnswer:
        """Try once. It raises nothing: whatever happens is an answer."""
