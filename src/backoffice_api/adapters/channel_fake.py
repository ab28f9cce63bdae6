"""A channel that is a folder: for trials, and to show what an adapter of a real one has to do.

`inbox.jsonl` holds what customers wrote, one message a line; `outbox.jsonl` gets what is answered.
"""

import json
from datetime import datetime
from pathlib import Path

from backoffice_api.domain.mailboxes.ports import (
    ChannelMessage,
    ChannelPage,
    ChannelReply,
    SourceSilentError,
)
from backoffice_api.domain.messages.ports import MailAnswer, MailOutcome


class FakeChannel:
    """A `TicketChannel` in a folder. The cursor is the number of lines that were read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, cursor: str, limit: int) -> ChannelPage:
        first = int(cursor or "0")
        try:
            lines = (self._folder / "inbox.jsonl").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            lines = []
        except OSError as failure:
            raise SourceSilentError(type(failure).__name__) from None
        try:
            found = [_message(line) for line in lines[first : first + limit]]
        except (ValueError, KeyError, TypeError):
            raise SourceSilentError("It says what makes no sense.") from None
        return ChannelPage(found, str(first + len(found)))

    def send(self, reply: ChannelReply) -> MailAnswer:
        row = {"key": reply.key, "conversation": reply.conversation, "text": reply.text}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / "outbox.jsonl").open("a", encoding="utf-8") as out:
                out.write(json.dumps(row) + "\n")
        except OSError as failure:
            return MailAnswer(MailOutcome.LATER, type(failure).__name__)
        return MailAnswer(MailOutcome.TAKEN, "written")


def _message(line: str) -> ChannelMessage:
    """Raises: ValueError, KeyError, TypeError."""
    given = json.loads(line)
    return ChannelMessage(
        id=str(given["id"]),
        conversation=str(given["conversation"]),
        author=str(given.get("author", "")),
        author_name=str(given.get("authorName", "")),
        subject=str(given.get("subject", "")),
        text=str(given["text"]),
        sent_at=datetime.fromisoformat(given["sentAt"]),
    )
