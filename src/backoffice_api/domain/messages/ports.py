"""What messages need of the outside: something that takes them, and answers to selections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.messages.model.selections import Selection


class MailOutcome(Choice):
    """What became of an attempt to send a mail."""

    TAKEN = "taken", "The server has taken it, and answers for it."
    REFUSED = "refused", "The server does not want it, now or ever."
    LATER = "later", "It was not taken; it may be tried again."
    UNCERTAIN = "uncertain", "It was handed over, and no answer came."


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file that goes with a mail. `media_type`: as `image/png`."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """What a mail has that belongs to a conversation between people.

    `sender_name` and `sender`: from whom it is; `reply_to`: where answers go, and word that it did
    not arrive. `mail_id` and `references`: Message-IDs without angle brackets, the mail that it
    answers last. `mark`: by which it is known, should it come back here.
    """

    sender_name: str
    sender: str
    reply_to: str
    copies: Sequence[str]
    mail_id: str
    references: Sequence[str]
    mark: str
    by_person: bool
    files: Sequence[MailFile] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """What is sent. `key` makes its Message-ID, the same whenever it is sent.

    `correspondence` None: nobody answers it, and it answers nothing.
    """

    key: str
    recipient: str
    subject: str
    text: str
    html: str | None
    correspondence: Correspondence | None = None


@dataclass(frozen=True, slots=True)
class MailAnswer:
    """What became of a mail, and what the server said."""

    outcome: MailOutcome
    reason: str


class Mailer(Protocol):
    """Sends mails, one at a time."""

    def send(self, mail: Mail) -> MailAnswer:
        """Try once. It raises nothing: whatever happens is an answer."""


class Answering(Protocol):
    """Knows the schema, and answers what templates select by it."""

    def check(self, text: str) -> Selection:
        """What a document about an order takes and answers.

        Raises:
            UnfitDocument, PayloadTooCostly.
        """

    def read(
        self, db: Connection, caller: Caller, text: str, order_id: UUID, *, narrowed: bool
    ) -> Mapping[str, Any]:
        """What a document answers of an order to a caller; it has been checked.

        `narrowed`: the connection shows no more than the caller may see already.

        Raises:
            SelectionNotRead.
        """


class Selections:
    """Answers what templates select, once it is told by whom: the domain knows no schema."""

    def __init__(self) -> None:
        self._answering: Answering | None = None

    def declare(self, answering: Answering) -> None:
        """Have selections answered so, in this process."""
        self._answering = answering

    @property
    def by(self) -> Answering:
        assert self._answering is not None, "the schema is made before anything is selected"
        return self._answering


SELECTIONS = Selections()
