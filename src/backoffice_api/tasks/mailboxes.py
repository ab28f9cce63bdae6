"""Work with mailboxes: mail is fetched and kept, then read; what is answered is sent.

No server is called within a transaction. A mail is kept before it is marked as taken where it lies,
and before anybody looks into it; so wherever a worker dies, the mail is there or will come again.
What goes out is marked before it is handed over, and settled after that (ADR 0031).
"""

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from backoffice_api.adapters.attachments import keep_attachment
from backoffice_api.adapters.channel_fake import FakeChannel
from backoffice_api.adapters.channel_letters import channel_raw, read_channel
from backoffice_api.adapters.mail_imap import ImapSources
from backoffice_api.adapters.mail_parsing import read_mail
from backoffice_api.adapters.pictures import PictureError
from backoffice_api.adapters.sealed_storage import SealedFolder
from backoffice_api.adapters.storage import Storage
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel import keys
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Command, Meta
from backoffice_api.domain.mailboxes import queries
from backoffice_api.domain.mailboxes.commands import reading, receiving, sending
from backoffice_api.domain.mailboxes.commands.mailboxes import NoteAsked, note_asked
from backoffice_api.domain.mailboxes.commands.reading import ReadPart
from backoffice_api.domain.mailboxes.model.addresses import signed_address
from backoffice_api.domain.mailboxes.model.letters import Letter, LetterPart, UnreadableError
from backoffice_api.domain.mailboxes.model.mailboxes import CHANNELS, Mailbox, MailboxKind
from backoffice_api.domain.mailboxes.model.received import ReceivedMail, ReceivedMailOutcome
from backoffice_api.domain.mailboxes.model.sent import (
    FILES_BYTES_MAX,
    SentMail,
    SentMailFailure,
)
from backoffice_api.domain.mailboxes.ports import (
    ChannelReply,
    MailSources,
    SourceSilentError,
    TicketChannel,
)
from backoffice_api.domain.media import queries as media
from backoffice_api.domain.media.model import FileBeingRemoved, FileContent
from backoffice_api.domain.media.ports import Storage as MediaStorage
from backoffice_api.domain.messages.ports import (
    Correspondence,
    Mail,
    MailAnswer,
    Mailer,
    MailFile,
    MailOutcome,
)
from backoffice_api.domain.tickets import queries as tickets
from backoffice_api.domain.tickets.model.words import TicketAuthor
from backoffice_api.settings import Settings
from backoffice_api.task import Progress, Task

FETCH_JOB = "mailboxes.fetch"
FORGET_JOB = "mailboxes.forget"
FETCHED_AT_ONCE = 20
SENT_AT_ONCE = 20
FORGOTTEN_AT_ONCE = 500
FETCH_EVERY_S = 60
SEND_EVERY_S = 10

log = structlog.get_logger("backoffice_api.tasks.mailboxes")

Channels = Callable[[Mailbox], TicketChannel]


class MailDesk:
    """Reads rows and runs commands, as the system; keeps mails as files."""

    def __init__(
        self,
        database: Database,
        storage: Storage,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self.storage = storage
        self.now = now

    def read(self, query: Callable[..., Any], *arguments: Any) -> Any:
        with self._database.fresh.connect() as db:
            return query(db, *arguments)

    def run(self, handler: Callable[..., Any], command: Command, name: str = FETCH_JOB) -> Any:
        return execute(
            self._database,
            handler,
            command,
            caller=THE_SYSTEM,
            now=self.now(),
            meta=Meta(request_id=name),
        ).value

    def keep(self, mailbox_id: UUID, raw: bytes, byte_size: int | None = None) -> bool:
        """Keep a mail as it came: the file first, then the row. False: it is there already.

        `byte_size`: where `raw` is only the beginning of it.
        """
        whole = hashlib.sha256(mailbox_id.bytes + raw)
        if byte_size is not None:
            whole.update(b"beginning of %d" % byte_size)
        key = whole.hexdigest()
        if self.read(queries.is_received, mailbox_id, key):
            return False  # and not kept anew, if it was removed since: nobody would remove it again
        with self.storage.writing(key) as writing:
            writing.write(raw)
        command = receiving.KeepMail(
            mailbox_id=mailbox_id,
            content_key=key,
            byte_size=len(raw) if byte_size is None else byte_size,
            is_whole=byte_size is None,
        )
        kept: bool = self.run(receiving.keep_mail, command)
        return kept

    def key(self) -> str:
        """What addresses of tickets are signed with."""
        if found := self.read(keys.known_key, reading.KEY):
            return str(found)
        with self._database.writing.begin() as db:
            return keys.key(db, reading.KEY)


class FetchMails:
    """Asks servers and channels for what is new."""

    def __init__(self, desk: MailDesk, sources: MailSources, channels: Channels) -> None:
        self._desk = desk
        self._sources = sources
        self._channels = channels

    def __call__(self, progress: Progress = lambda done, total: True) -> bool:
        """Fetch what is waiting. Whether there may be more. Who is silent is asked again later."""
        more = False
        kinds = (MailboxKind.IMAP, *CHANNELS)
        for box in self._desk.read(queries.active_mailboxes, *kinds):
            fetch = self._of_channel if box.kind in CHANNELS else self._of_server
            try:
                again, command = fetch(box, progress)
            except SourceSilentError as failure:
                log.warning("mailboxes.source_silent", mailbox=box.code, reason=str(failure))
                again, command = False, NoteAsked(mailbox_id=box.id, trouble=str(failure))
            self._desk.run(note_asked, command)
            more = more or again
            if not progress(0, None):
                return False
        return more

    def _of_server(self, box: Mailbox, progress: Progress) -> tuple[bool, NoteAsked]:
        """Whether to ask again at once: a server that marks nothing is not asked for ever."""
        count = new = 0
        with self._sources.open(box.code, box.folder, box.done_folder) as source:
            for mail in source.waiting(FETCHED_AT_ONCE):
                size = None if mail.is_whole else mail.byte_size
                new += self._desk.keep(box.id, mail.raw, size)
                source.done(mail.key)
                count += 1
                if not progress(count, None):
                    break
        return count == FETCHED_AT_ONCE and new > 0, NoteAsked(mailbox_id=box.id)

    def _of_channel(self, box: Mailbox, progress: Progress) -> tuple[bool, NoteAsked]:
        state = self._desk.read(queries.states_by_mailboxes, [box.id]).get(box.id)
        cursor = state.cursor if state else ""
        page = self._channels(box).fetch(cursor, FETCHED_AT_ONCE)
        for count, message in enumerate(page.messages, start=1):
            self._desk.keep(box.id, channel_raw(message))
            progress(count, len(page.messages))
        more = len(page.messages) == FETCHED_AT_ONCE and page.cursor != cursor
        return more, NoteAsked(mailbox_id=box.id, cursor=page.cursor)


class ReadMails:
    """Reads mails that are kept, and has tickets made of them."""

    def __init__(self, desk: MailDesk, media_storage: MediaStorage) -> None:
        self._desk = desk
        self._media = media_storage

    def __call__(self, id: UUID, progress: Progress = lambda done, total: True) -> None:
        """Read one. What goes wrong in a way that nobody knows of leaves it to be tried again."""
        begin = receiving.BeginReading(id=id)
        if not self._desk.run(receiving.begin_reading, begin, receiving.READ_JOB):
            return
        mail: ReceivedMail = self._desk.read(queries.received, id)
        try:
            letter = self._letter(mail)
        except UnreadableError as fault:
            self._park(id, ReceivedMailOutcome.UNREADABLE, str(fault))
            return
        parts = []
        for done, each in enumerate(letter.parts, start=1):
            parts.append(self._part(each))
            progress(done, len(letter.parts))
        command = reading.TakeMail(id=id, letter=letter, parts=tuple(parts))
        try:
            self._desk.run(reading.take_mail, command, receiving.READ_JOB)
        except FileBeingRemoved:
            raise  # in a moment it is gone, and can be kept anew
        except DomainError as refusal:
            said = ", ".join(each.code for each in refusal.reasons())
            self._park(id, ReceivedMailOutcome.REFUSED, said)

    def _letter(self, mail: ReceivedMail) -> Letter:
        """Raises: UnreadableError."""
        box: Mailbox = self._desk.read(queries.mailbox, mail.mailbox_id)
        try:
            with self._desk.storage.local(mail.content_key) as path:
                raw = path.read_bytes()
        except FileNotFoundError:
            raise UnreadableError("The mail itself is not in the storage.") from None
        return read_channel(box.code, raw) if box.kind in CHANNELS else read_mail(raw)

    def _part(self, part: LetterPart) -> ReadPart:
        """What hung on a mail, kept as a file if it is of a kind that is."""
        found = partial(ReadPart, part.name, part.media_type, part.byte_size)
        if not part.content:
            return found(None, "It is empty.")
        with tempfile.TemporaryDirectory(prefix="backoffice-mail-") as folder:
            source, target = Path(folder) / "source", Path(folder) / "target"
            source.write_bytes(part.content)
            try:
                cleaned = keep_attachment(source, target)
            except PictureError as fault:
                return found(None, str(fault))
            content = FileContent(
                cleaned.hash,
                cleaned.media_type,
                cleaned.byte_size,
                cleaned.width,
                cleaned.height,
            )
            self._media.keep(content.name, target)
        return found(content)

    def _park(self, id: UUID, outcome: ReceivedMailOutcome, reason: str) -> None:
        command = receiving.ParkMail(id=id, outcome=outcome, reason=reason)
        with suppress(InvalidTransition):  # somebody else was faster
            self._desk.run(receiving.park_mail, command, receiving.READ_JOB)


class SendTicketMails:
    """Sends what the shop answers. `mailer` None: only what goes by channels."""

    def __init__(
        self,
        desk: MailDesk,
        media_storage: MediaStorage,
        mailer: Mailer | None,
        channels: Channels,
    ) -> None:
        self._desk = desk
        self._media = media_storage
        self._mailer = mailer
        self._channels = channels

    def __call__(self, progress: Progress = lambda done, total: True) -> bool:
        """Send the next ones. Whether there may be more that can be sent now."""
        kinds = tuple(MailboxKind) if self._mailer else tuple(CHANNELS)
        now = self._desk.now()
        due = self._desk.read(queries.due_mails, now, SENT_AT_ONCE, kinds)
        broken_off = MailAnswer(MailOutcome.UNCERTAIN, "The worker ended while it was sent.")
        for id in self._desk.read(queries.abandoned_mails, now, SENT_AT_ONCE):
            self._settle(id, broken_off)
        for done, id in enumerate(due, start=1):
            try:
                self._desk.run(sending.begin_sending_mail, sending.BeginSendingMail(id=id))
            except InvalidTransition:
                continue
            sent: SentMail = self._desk.read(queries.sent, id)
            answer, failure = self._answered(sent)
            self._settle(id, answer, failure)
            # A server that does not answer keeps the others waiting; they are not tried in vain.
            if answer.outcome is MailOutcome.LATER or not progress(done, len(due)):
                return False
        return len(due) == SENT_AT_ONCE

    def _answered(self, sent: SentMail) -> tuple[MailAnswer, SentMailFailure | None]:
        box: Mailbox = self._desk.read(queries.mailbox, sent.mailbox_id)
        message = self._desk.read(tickets.messages_by_ids, [sent.message_id])[sent.message_id]
        if sent.conversation is not None:
            reply = ChannelReply(sent.message_id.hex, sent.conversation, message.body)
            return self._channels(box).send(reply), None
        files = self._files(sent.message_id)
        if files is None:
            refused = MailAnswer(MailOutcome.REFUSED, "Its files are too large.")
            return refused, SentMailFailure.TOO_LARGE
        assert self._mailer is not None, "without one, only channels are asked for"
        known = Correspondence(
            sender_name=box.name,
            sender=box.address,
            reply_to=signed_address(self._desk.key(), box.address, sent.ticket_id),
            copies=sent.copies,
            mail_id=sent.mail_id,
            references=sent.references,
            mark=sent.message_id.hex,
            by_person=message.author is not TicketAuthor.SYSTEM,
            files=files,
        )
        return self._mailer.send(
            Mail(sent.id.hex, sent.recipient, sent.subject, message.body, message.html, known)
        ), None

    def _files(self, message_id: UUID) -> tuple[MailFile, ...] | None:
        """What goes with a message. None: more than a mail can carry."""
        found = self._desk.read(media.files_by_subjects, [message_id]).get(message_id, ())
        if sum(each.byte_size for each in found) > FILES_BYTES_MAX:
            return None
        files = []
        for number, each in enumerate(found, start=1):
            stored = self._media.open(each.name)
            content = b"".join(stored.content) if stored else b""
            name = f"{number}.{each.name.rpartition('.')[2]}"
            files.append(MailFile(name, each.media_type.served_as, content))
        return tuple(files)

    def _settle(self, id: UUID, answer: MailAnswer, failure: SentMailFailure | None = None) -> None:
        command = sending.SettleSentMail(
            id=id, outcome=answer.outcome, reason=answer.reason, failure=failure
        )
        with suppress(InvalidTransition):  # somebody else was faster
            self._desk.run(sending.settle_sent_mail, command, sending.SEND_JOB)


def forget_old(desk: MailDesk) -> bool:
    """Remove mails that were handled long ago from the storage. Whether there may be more."""
    old = desk.read(queries.to_forget, desk.now(), FORGOTTEN_AT_ONCE)
    for each in old:
        desk.storage.remove(each.content_key)
    desk.run(receiving.forget_mails, receiving.ForgetMails(mail_ids=tuple(m.id for m in old)))
    return len(old) == FORGOTTEN_AT_ONCE


def desk_from(settings: Settings, database: Database) -> MailDesk:
    """What keeps mails, where the settings say that files are."""
    return MailDesk(database, SealedFolder(Path(settings.files_folder), "mail"))


def mailbox_tasks(
    settings: Settings, database: Database, media_storage: MediaStorage, mailer: Mailer | None
) -> Mapping[str, Task]:
    """What a worker does with mailboxes, by the kind of the job."""
    folder = Path(settings.files_folder) / "fake-channels"

    def channel_of(box: Mailbox) -> TicketChannel:
        return FakeChannel(folder / box.id.hex)

    desk = desk_from(settings, database)
    fetch = FetchMails(desk, ImapSources(settings.mailboxes_secret), channel_of)
    read = ReadMails(desk, media_storage)
    send = SendTicketMails(desk, media_storage, mailer, channel_of)

    def read_one(payload: Mapping[str, Any], progress: Progress) -> bool:
        read(UUID(payload["mail_id"]), progress)
        return False

    return {
        FETCH_JOB: Task(lambda _, progress: fetch(progress), every_s=FETCH_EVERY_S),
        receiving.READ_JOB: Task(read_one),
        sending.SEND_JOB: Task(lambda _, progress: send(progress), every_s=SEND_EVERY_S),
        FORGET_JOB: Task(lambda _, __: forget_old(desk), every_s=86_400),
    }
