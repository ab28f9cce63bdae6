"""What messages need of the outside: something that takes them."""

from dataclasses import dataclass
from typing import Protocol

from backoffice_api.domain.kernel.choices import Choice


class MailOutcome(Choice):
    """What became of an attempt to send a mail."""

    TAKEN = "taken", "The server has taken it, and answers for it."
    REFUSED = "refused", "The server does not want it, now or ever."
    LATER = "later", "It was not taken; it may be tried again."
    UNCERTAIN = "uncertain", "It was handed over, and no answer came."


@dataclass(frozen=True, slots=True)
class Mail:
    """What is sent. `key` makes its Message-ID, the same whenever it is sent."""

    key: str
    recipient: str
    subject: str
    text: str
    html: str | None


@dataclass(frozen=True, slots=True)
class MailAnswer:
    """What became of a mail, and what the server said."""

    outcome: MailOutcome
    reason: str


class Mailer(Protocol):
    """Sends mails, one at a time."""

    def send(self, mail: Mail) -> MailAnswer:
        """Try once. It raises nothing: whatever happens is an answer."""
