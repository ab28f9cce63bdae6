"""What channels tell, as it is kept and as it is read again: JSON, one message."""

import msgspec

from backoffice_api.adapters.mail_text import quoted_from
from backoffice_api.domain.kernel.contacts import InvalidEmail, check_email
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.mailboxes.model.letters import (
    MAIL_ID_LENGTH_MAX,
    NAME_LENGTH_MAX,
    SUBJECT_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    Automatic,
    Letter,
    UnreadableError,
)
from backoffice_api.domain.mailboxes.ports import ChannelMessage

CONVERSATION_LENGTH_MAX = 200


def channel_raw(message: ChannelMessage) -> bytes:
    """The message as it is kept."""
    return msgspec.json.encode(message)


def read_channel(code: str, raw: bytes) -> Letter:
    """What was kept of a message on the channel `code`.

    Raises:
        UnreadableError: it is no such message.
    """
    try:
        told = msgspec.json.decode(raw, type=ChannelMessage)
    except (msgspec.DecodeError, RecursionError):
        raise UnreadableError("It is no message of a channel.") from None
    if not told.conversation or len(told.conversation) > CONVERSATION_LENGTH_MAX:
        raise UnreadableError("It belongs to no conversation.")
    text = storable(told.text)[:TEXT_LENGTH_MAX]
    return Letter(
        # As a mail would name itself, so that the same message twice is one.
        mail_id=storable(f"{told.id}@{code}.channel.invalid")[-MAIL_ID_LENGTH_MAX:],
        references=(),
        sender=_address(told.author),
        sender_name=storable(told.author_name or told.author)[:NAME_LENGTH_MAX],
        recipients=(),
        subject=storable(" ".join((told.subject or text).split()))[:SUBJECT_LENGTH_MAX],
        sent_at=told.sent_at,
        text=text,
        quoted_from=quoted_from(text),
        automatic=Automatic.NO,
        about=None,
        failed=False,
        own=False,
        conversation=storable(told.conversation),
        parts=(),
    )


def _address(author: str) -> str:
    """The address, if the channel names people by theirs."""
    try:
        return check_email(author)
    except InvalidEmail:
        return ""
