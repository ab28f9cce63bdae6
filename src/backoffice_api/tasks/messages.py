"""Sends messages: marked, handed over, settled, one after the other.

The mail server is called outside any transaction. Whoever dies in between leaves a message that
is marked as being sent; it is told to be uncertain, and not sent again of itself.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from backoffice_api.adapters.mail_smtp import MailServer, SmtpMailer
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.messages import queries
from backoffice_api.domain.messages.commands.sending import (
    SEND_JOB,
    BeginSending,
    SettleMessage,
    begin_sending,
    settle_message,
)
from backoffice_api.domain.messages.ports import Mail, MailAnswer, Mailer, MailOutcome
from backoffice_api.settings import Settings
from backoffice_api.task import Progress, Task

SENT_AT_ONCE = 20
SEND_EVERY_S = 10


class SendMessages:
    """Sends what is due."""

    def __init__(self, database: Database, mailer: Mailer, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._mailer = mailer
        self._clock = clock

    def __call__(self, progress: Progress = lambda done, total: True) -> bool:
        """Send the next ones. Whether there may be more that can be sent now."""
        now = self._clock()
        with self._database.fresh.connect() as db:
            abandoned = queries.abandoned_messages(db, now, SENT_AT_ONCE)
            due = queries.due_messages(db, now, SENT_AT_ONCE)
        broken_off = MailAnswer(MailOutcome.UNCERTAIN, "The worker ended while it was sent.")
        for id in abandoned:
            self._settle(id, broken_off)
        for done, id in enumerate(due, start=1):
            answer = self._send(id)
            if answer is None:
                continue
            self._settle(id, answer)
            # A server that does not answer keeps the others waiting; they are not tried in vain.
            if answer.outcome is MailOutcome.LATER or not progress(done, len(due)):
                return False
        return len(due) == SENT_AT_ONCE

    def _send(self, id: Any) -> MailAnswer | None:
        """What the mail server said. None: somebody else has the message."""
        try:
            self._run(begin_sending, BeginSending(id=id))
        except InvalidTransition:
            return None
        with self._database.fresh.connect() as db:
            message = queries.message(db, id)
        return self._mailer.send(
            Mail(
                message.mail_key,
                message.recipient,
                message.subject,
                message.text,
                message.html,
            )
        )

    def _settle(self, id: Any, answer: MailAnswer) -> None:
        command = SettleMessage(id=id, outcome=answer.outcome, reason=answer.reason)
        with suppress(InvalidTransition):  # somebody else was faster
            self._run(settle_message, command)

    def _run(self, handler: Any, command: Any) -> None:
        execute(
            self._database,
            handler,
            command,
            caller=THE_SYSTEM,
            now=self._clock(),
            meta=Meta(request_id=SEND_JOB),
        )


def mailer_from(settings: Settings) -> Mailer | None:
    """What sends mail by the settings. None: no mail server is set; messages wait."""
    if settings.smtp_host is None or settings.mail_sender is None:
        return None
    return SmtpMailer(
        MailServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            security=settings.smtp_security,
            sender=settings.mail_sender,
            user=settings.smtp_user,
            password=settings.smtp_password_secret,
        )
    )


def message_tasks(settings: Settings, database: Database) -> Mapping[str, Task]:
    """What a worker does with messages, by the kind of the job; nothing without a mail server."""
    mailer = mailer_from(settings)
    if mailer is None:
        return {}
    send = SendMessages(database, mailer, lambda: datetime.now(UTC))

    def work(_: Mapping[str, Any], progress: Progress) -> bool:
        return send(progress)

    return {SEND_JOB: Task(work, every_s=SEND_EVERY_S)}
