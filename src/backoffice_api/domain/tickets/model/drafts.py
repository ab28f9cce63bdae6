"""What is asked for in commands on tickets, and what is wrong with it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from backoffice_api.domain.kernel.contacts import check_email, check_locale
from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.texts import check_distinct, check_size, check_text
from backoffice_api.domain.tickets.model.refusals import ParticipantWithoutAddress, SnoozeOutOfRange
from backoffice_api.domain.tickets.model.words import (
    ATTACHMENTS_MAX,
    BODY_LENGTH_MAX,
    CAUSE_KEY_LENGTH_MAX,
    HTML_LENGTH_MAX,
    MAIL_ID_LENGTH_MAX,
    SKILL_LENGTH_MAX,
    SNOOZE_DAYS_MAX,
    SUBJECT_LENGTH_MAX,
    TAG_LENGTH_MAX,
    TAGS_MAX,
    TicketAuthor,
    TicketRelation,
    TicketRole,
    TicketSource,
    TicketVisibility,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDraft:
    """What somebody wrote. `mail_id`: its Message-ID without angle brackets, if it was a mail.

    `author_name` and `author_email`: of who is known by them only; staff are known by who asks.
    """

    body: str
    html: str | None = None
    author: TicketAuthor = TicketAuthor.CUSTOMER
    visibility: TicketVisibility = TicketVisibility.PUBLIC
    source: TicketSource = TicketSource.API
    author_name: str | None = None
    author_email: str | None = None
    mail_id: str | None = None
    attachment_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLinkDraft:
    """A thing to which a ticket is linked. `subject_kind`: prefix of its id."""

    subject_kind: str
    subject_id: UUID
    relation: TicketRelation = TicketRelation.ABOUT


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantDraft:
    """Who is to take part: a member of staff, or whoever has the address."""

    role: TicketRole
    staff_id: UUID | None = None
    email: str | None = None
    name: str | None = None


def check_message(draft: MessageDraft, faults: Faults) -> MessageDraft:
    """The message in canonical form. What is wrong is noted, and stays as it was given."""
    check_text(draft.body, faults, "body", maximum=BODY_LENGTH_MAX)
    check_text(draft.html, faults, "html", minimum=0, maximum=HTML_LENGTH_MAX)
    check_text(draft.author_name, faults, "author_name")
    check_text(draft.mail_id, faults, "mail_id", maximum=MAIL_ID_LENGTH_MAX)
    check_size(draft.attachment_ids, faults, "attachment_ids", maximum=ATTACHMENTS_MAX)
    email = checked_email(draft.author_email, faults, "author_email")
    return replace(draft, author_email=email)


def check_participant(
    draft: ParticipantDraft, faults: Faults, *path: str | int
) -> ParticipantDraft:
    """Who is to take part, in canonical form. What is wrong is noted."""
    is_follower = draft.role is TicketRole.FOLLOWER
    if is_follower is not (draft.staff_id is not None) or is_follower is not (draft.email is None):
        faults.add(ParticipantWithoutAddress().at(*path))
    check_text(draft.name, faults, *path, "name")
    return replace(draft, email=checked_email(draft.email, faults, *path, "email"))


def check_language(language: str | None, faults: Faults) -> str | None:
    """The language tag in canonical form."""
    if language is None:
        return None
    try:
        return check_locale(language)
    except Invalid as fault:
        faults.add(fault.at("language"))
        return language


def check_subject(subject: str, faults: Faults) -> None:
    check_text(subject, faults, "subject", maximum=SUBJECT_LENGTH_MAX)


def check_skill(skill: str | None, faults: Faults) -> None:
    check_text(skill, faults, "skill", maximum=SKILL_LENGTH_MAX)


def check_cause(cause_key: str | None, faults: Faults) -> None:
    check_text(cause_key, faults, "cause_key", maximum=CAUSE_KEY_LENGTH_MAX)


def check_tags(tags: tuple[str, ...], faults: Faults, path: str = "tags") -> None:
    """Note what is wrong with the tags of one ticket."""
    check_size(tags, faults, path, maximum=TAGS_MAX)
    check_distinct(tags, faults, path)
    for position, tag in enumerate(tags):
        check_text(tag, faults, path, position, maximum=TAG_LENGTH_MAX)


def checked_email(email: str | None, faults: Faults, *path: str | int) -> str | None:
    """The address in canonical form. What is wrong is noted, and stays as it was given."""
    if email is None:
        return None
    try:
        return check_email(email)
    except Invalid as fault:
        faults.add(fault.at(*path))
        return email


def check_snooze(until: datetime, now: datetime) -> None:
    """Raises: SnoozeOutOfRange."""
    if not now < until <= now + timedelta(days=SNOOZE_DAYS_MAX):
        raise SnoozeOutOfRange(SNOOZE_DAYS_MAX).at("until")
