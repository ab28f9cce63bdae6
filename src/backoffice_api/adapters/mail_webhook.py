"""Mails that somebody sends over HTTP: raw (RFC 5322), or told as JSON, of which a mail is made.

    {"from": "Ana <ana@example.com>", "to": ["support@example.com"], "subject": "…", "text": "…",
     "html": "…", "messageId": "<…>", "inReplyTo": "<…>", "references": "<…> <…>",
     "headers": {"Auto-Submitted": "no"},
     "attachments": [{"name": "a.png", "mediaType": "image/png", "content": "BASE64"}]}

Made so, they are kept and read as any other mail; there is one way in.
"""

import json
from base64 import b64decode
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

_HEADERS = {
    "from": "From",
    "subject": "Subject",
    "date": "Date",
    "messageId": "Message-ID",
    "inReplyTo": "In-Reply-To",
    "references": "References",
}
_LINE_LENGTH_MAX = 900
_HEADERS_MAX = 100
_ATTACHMENTS_MAX = 50
# Made by the body that is told; what is told of them would not fit.
_OWN = frozenset({"content-type", "content-transfer-encoding", "content-disposition"})


class ToldBadlyError(Exception):
    """It is not of the form that is asked for."""


def mail_told(body: bytes) -> bytes:
    """The mail that is told as JSON. The same is made of the same.

    Raises:
        ToldBadlyError.
    """
    try:
        given = json.loads(body)
        if not isinstance(given, dict):
            raise ToldBadlyError
        return _made(given).as_bytes(policy=SMTP.clone(max_line_length=_LINE_LENGTH_MAX))
    except (ValueError, KeyError, TypeError, AttributeError, LookupError, RecursionError):
        raise ToldBadlyError from None


def _made(given: Mapping[str, Any]) -> EmailMessage:
    message = EmailMessage()
    for name, header in _HEADERS.items():
        if given.get(name) is not None:
            message[header] = _line(given[name])
    for name, header in (("to", "To"), ("cc", "Cc")):
        if listed := given.get(name):
            message[header] = ", ".join(_line(each) for each in listed)
    headers = given.get("headers") or {}
    for name in list(headers)[:_HEADERS_MAX]:
        if name.lower() not in _OWN and name not in message:
            message[name] = _line(headers[name])
    # Parts are told apart by their content, so that the same mail has the same bytes.
    message.set_content(_text(given.get("text")))
    if given.get("html") is not None:
        message.add_alternative(_text(given["html"]), subtype="html")
        message.set_boundary("=_alternative_0")
    for each in (given.get("attachments") or [])[:_ATTACHMENTS_MAX]:
        kind, _, subkind = str(each.get("mediaType") or "application/octet-stream").partition("/")
        content = b64decode(each["content"], validate=True)
        message.add_attachment(
            content, maintype=kind, subtype=subkind, filename=_line(each.get("name") or "file")
        )
        message.set_boundary("=_mixed_0")
    return message


def _line(value: Any) -> str:
    """What is told, as a header says it. It is told as text: encoded words in it are none.

    The library would read them, and the line breaks and headers that they hold.
    """
    if not isinstance(value, str):
        raise TypeError
    return " ".join(value.split()).replace("=?", "= ?")


def _text(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value or ""
