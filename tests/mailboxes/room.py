"""A post room: a mailbox on a fake server, tickets, and what is written to and fro."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from backoffice_api.adapters.channel_fake import FakeChannel
from backoffice_api.adapters.mail_imap import ImapSources
from backoffice_api.adapters.storage import LocalFolder
from backoffice_api.adapters.storage_local import LocalStorage
from backoffice_api.domain.kernel.jobs import jobs
from backoffice_api.domain.mailboxes import queries
from backoffice_api.domain.mailboxes.checks import CHECKS
from backoffice_api.domain.mailboxes.commands.mailboxes import CreateMailbox, create_mailbox
from backoffice_api.domain.mailboxes.commands.receiving import READ_JOB
from backoffice_api.domain.mailboxes.model.mailboxes import Mailbox, MailboxKind
from backoffice_api.domain.mailboxes.model.received import ReceivedMail
from backoffice_api.domain.mailboxes.model.sent import SentMail
from backoffice_api.domain.mailboxes.tables import received_mails, sent_mails
from backoffice_api.domain.tickets import queries as tickets
from backoffice_api.domain.tickets.commands.writing import ReplyToTicket, reply
from backoffice_api.domain.tickets.model.tickets import Ticket, TicketMessage
from backoffice_api.domain.tickets.tables import ticket_messages
from backoffice_api.domain.tickets.tables import tickets as ticket_table
from backoffice_api.tasks.mailboxes import FetchMails, MailDesk, ReadMails, SendTicketMails
from tests.mailboxes.imap import PASSWORD, ImapBox
from tests.soundness import broken
from tests.world import NOW, World


def mail(
    text: str = "Where is my parcel?",
    *,
    id: str | None = "one@example.com",
    sender: str = "Ana <ana@example.com>",
    to: str = "support@shop.example",
    subject: str = "My parcel",
    **headers: str,
) -> bytes:
    """A mail of plain text. Headers by their names with `_` for `-`."""
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}"]
    lines += [f"Message-ID: <{id}>"] if id else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + text + "\r\n").encode()


class Room:
    """Mailboxes in one world."""

    def __init__(self, world: World, folder: Path, server: ImapBox) -> None:
        self.world = world
        self.folder = folder
        self.server = server
        self.now = NOW
        self.media = LocalStorage(folder / "media")
        self.desk = MailDesk(world.database, LocalFolder(folder / "mail"), lambda: self.now)
        self.mails = 0

    def mailbox(
        self,
        code: str = "support",
        address: str = "support@shop.example",
        kind: MailboxKind = MailboxKind.IMAP,
        **values: Any,
    ) -> UUID:
        command = CreateMailbox(code=code, name="The Shop", address=address, kind=kind, **values)
        id: UUID = self.world.run(create_mailbox, command).value
        return id

    def sources(self, **values: Any) -> ImapSources:
        given = {"host": "127.0.0.1", "port": self.server.port, "security": "none"}
        given |= {"user": "support", "password": PASSWORD, **values}
        return ImapSources(json.dumps({"support": given}), timeout_s=5)

    def channel(self, box: Mailbox) -> FakeChannel:
        return FakeChannel(self.folder / box.code)

    def fetch(self, **values: Any) -> bool:
        return FetchMails(self.desk, self.sources(**values), self.channel)()

    def read(self) -> None:
        """Read what is kept, as the jobs ask for it; each once."""
        wanted = select(jobs.c.id, jobs.c.payload).where(jobs.c.kind == READ_JOB)
        with self.world.database.fresh.connect() as db:
            found = list(db.execute(wanted.order_by(jobs.c.id)))
        for id, payload in found:
            ReadMails(self.desk, self.media)(UUID(payload["mail_id"]))
            with self.world.database.writing.begin() as db:
                db.execute(jobs.delete().where(jobs.c.id == id))

    def reread(self, id: UUID) -> None:
        """Read one mail, as its job does when it comes back."""
        ReadMails(self.desk, self.media)(id)

    def take(self, raw: bytes, box: UUID | None = None) -> ReceivedMail:
        """Keep and read one mail; what became of it."""
        if box is None:
            found = self.world.read(queries.active_mailboxes)
            box = found[0].id
        assert self.desk.keep(box, raw)
        self.read()
        return self.received()[-1]

    def send(self, mailer: Any, minutes: float = 0) -> bool:
        self.now = NOW + timedelta(minutes=minutes)
        return SendTicketMails(self.desk, self.media, mailer, self.channel)()

    def reply(self, ticket_id: UUID, body: str = "Tomorrow.", **values: Any) -> UUID:
        command = ReplyToTicket(id=ticket_id, body=body, **values)
        id: UUID = self.world.run(reply, command).value.message_id
        return id

    def received(self) -> Sequence[ReceivedMail]:
        return self._all(received_mails, queries.received_by_ids)

    def sent(self) -> Sequence[SentMail]:
        return self._all(sent_mails, queries.sent_by_ids)

    def messages(self) -> Sequence[TicketMessage]:
        return self._all(ticket_messages, tickets.messages_by_ids)

    def tickets(self) -> Sequence[Ticket]:
        return self._all(ticket_table, tickets.tickets_by_ids)

    def outcome(self, raw: bytes, box: UUID | None = None) -> str:
        found = self.take(raw, box)
        assert found.outcome is not None
        return found.outcome.value

    def files(self) -> int:
        """How many mails are in the storage."""
        return sum(1 for each in (self.folder / "mail").rglob("*") if each.is_file())

    def broken(self) -> list[str]:
        return broken(self.world.database, CHECKS)

    def at(self, now: datetime) -> None:
        self.now = now

    def _all(self, table: Any, by_ids: Any) -> Sequence[Any]:
        with self.world.database.reading.connect() as db:
            ids = list(db.execute(select(table.c.id).order_by(table.c.id)).scalars())
        found = self.world.read(by_ids, ids)
        return [found[id] for id in ids]
