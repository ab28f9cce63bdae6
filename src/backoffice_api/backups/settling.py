"""What a database needs that was restored: nobody signed in, and of a clone, nothing sent out."""

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from backoffice_api.domain.execute import execute
from backoffice_api.domain.identity.tables import api_tokens, sessions
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.jobs import JobStatus, jobs
from backoffice_api.domain.kernel.keys import keys
from backoffice_api.domain.kernel.rows import fetch, select_as
from backoffice_api.domain.kernel.uow import THE_SYSTEM, Meta
from backoffice_api.domain.mailboxes.model.mailboxes import MailboxStatus
from backoffice_api.domain.mailboxes.model.sent import SentMailFailure
from backoffice_api.domain.mailboxes.tables import mailboxes, sent_mails
from backoffice_api.domain.messages.model.messages import MessageFailure, MessageStatus
from backoffice_api.domain.messages.tables import messages
from backoffice_api.domain.tickets.model.words import TicketSentState
from backoffice_api.domain.tickets.tables import ticket_messages
from backoffice_api.domain.webhooks.commands.pausing import StopWebhook, stop_webhook
from backoffice_api.domain.webhooks.model.webhooks import PauseReason, Webhook, WebhookStatus
from backoffice_api.domain.webhooks.tables import webhooks

REQUEST_ID = "restore"


def end_sessions(database: Database, now: datetime) -> int:
    """Have everybody of the staff sign in again: who was put out since is not to come back in.

    Tokens stay as they were: programs go on. How many sessions that ended.
    """
    with database.writing.begin() as db:
        ended = update(sessions).where(sessions.c.ended_at.is_(None)).values(ended_at=now)
        return db.execute(ended).rowcount


def silence(database: Database, now: datetime) -> None:
    """Let nothing of a clone go out, and nothing of the shop come in.

    Webhooks are paused, mailboxes disabled, queued work is cancelled, mails that wait are given up,
    tokens are revoked, and the keys that sign addresses are made anew.
    """
    with database.writing.begin() as db:
        open_jobs = jobs.c.status.in_((JobStatus.QUEUED, JobStatus.RUNNING))
        db.execute(
            update(jobs)
            .where(open_jobs)
            .values(status=JobStatus.CANCELLED, once_key=None, version=jobs.c.version + 1)
        )
        waiting = messages.c.status.in_((MessageStatus.QUEUED, MessageStatus.SENDING))
        db.execute(
            update(messages)
            .where(waiting)
            .values(
                status=MessageStatus.SUPPRESSED,
                failure=MessageFailure.TOO_OLD,
                version=messages.c.version + 1,
                updated_at=now,
            )
        )
        _close_mailboxes(db, now)
        alive = api_tokens.c.revoked_at.is_(None)
        db.execute(update(api_tokens).where(alive).values(revoked_at=now))
        db.execute(delete(keys))
        active = select_as(Webhook, webhooks).where(webhooks.c.status == WebhookStatus.ACTIVE)
        found = fetch(db, Webhook, active)
    for each in found:
        command = StopWebhook(id=each.id, reason=PauseReason.BY_HAND)
        meta = Meta(request_id=REQUEST_ID)
        execute(database, stop_webhook, command, caller=THE_SYSTEM, now=now, meta=meta)


def _close_mailboxes(db: Connection, now: datetime) -> None:
    waiting = sent_mails.c.status.in_((TicketSentState.QUEUED, TicketSentState.SENDING))
    changed = {"version": sent_mails.c.version + 1, "updated_at": now}
    given_up = {"status": TicketSentState.SUPPRESSED, "failure": SentMailFailure.EXPIRED}
    of_them = ticket_messages.c.id.in_(select(sent_mails.c.message_id).where(waiting))
    state = {"sent_state": TicketSentState.SUPPRESSED}
    db.execute(update(ticket_messages).where(of_them).values(state))
    db.execute(update(sent_mails).where(waiting).values({**given_up, **changed}))
    active = mailboxes.c.status == MailboxStatus.ACTIVE
    disabled = {"status": MailboxStatus.DISABLED, "version": mailboxes.c.version + 1}
    db.execute(update(mailboxes).where(active).values({**disabled, "updated_at": now}))
