"""Reads mails as RFC 5322 and MIME have them, and those that break the rules.

What is read was written by anybody. It is bounded before the parser sees it, since that one takes
its time for what is nested deeply; after that whatever is broken counts as absent.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from backoffice_api.adapters.mail_smtp import OWN_HEADER
from backoffice_api.adapters.mail_text import quoted_from, text_of_html
from backoffice_api.domain.kernel.contacts import InvalidEmail, check_email
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.mailboxes.model.letters import (
    ADDRESSES_MAX,
    MAIL_ID_LENGTH_MAX,
    NAME_LENGTH_MAX,
    PARTS_MAX,
    RAW_BYTES_MAX,
    SUBJECT_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    Letter,
    LetterPart,
    UnreadableError,
    mail_ids,
)
from backoffice_api.domain.mailboxes.model.recognition import recognise

HEADERS_BYTES_MAX = 256 * 1024
_HEADER_LENGTH_MAX = 16_000
_CONTENT_HEADER_BYTES_MAX = 4_000
_BOUNDARIES_MAX = 100
_DELIMITERS_MAX = 10_000
_COMPARED_MAX = 20_000_000
_NESTED_MAX = 20
_WALKED_MAX = 500
_BODY_BYTES_MAX = 1_000_000

_CONTENT_HEADER = re.compile(rb"^content-[a-z-]{1,30}[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.I | re.M)
_BOUNDARY = re.compile(rb"boundary\s{0,20}(?:\*[0-9]{0,4}\*?)?\s{0,20}=", re.IGNORECASE)
_NESTED = re.compile(rb"message/", re.IGNORECASE)
_CHARSET = re.compile(
    r"ascii|utf-?(8|8-sig|16|16-[bl]e|32|7)|iso(8859|2022)-[a-z0-9_-]+|cp[0-9]+|koi8-[rut]"
    r"|mac-[a-z]+|gb2312|gbk|gb18030|big5(hkscs)?|shift_jis(_2004|x0213)?|euc_[a-z0-9_]+|tis-620"
)
# What the parser is known to raise for what nobody thought of.
_BROKEN = (
    MessageError,
    RecursionError,
    LookupError,
    ValueError,
    AssertionError,
    AttributeError,
    TypeError,
)
# Read as they came: what is encoded in them is a name, and never an address (RFC 2047, 5).
_WITH_ADDRESSES = frozenset({"from", "sender", "to", "cc", "delivered-to", "x-original-to"})
_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b\u2060\ufeff]")
_FILE_NAME = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def read_mail(raw: bytes) -> Letter:
    """What a mail says.

    Raises:
        UnreadableError: it is too large or nested too deeply, or no mail at all.
    """
    _check_bounds(raw)
    try:
        return _read(message_from_bytes(raw))
    except _BROKEN as fault:
        raise UnreadableError(f"It is no mail that can be read ({type(fault).__name__}).") from None


def _read(message: Message) -> Letter:
    headers = _headers(message)
    if not headers.keys() & {"from", "to", "subject", "date", "message-id", "received", "sender"}:
        raise UnreadableError("It has none of the headers of a mail.")
    text, attached = _body(list(_leaves(message)))
    sender, sender_name = _sender(headers)
    subject = _one_line(headers.get("subject", ""))[:SUBJECT_LENGTH_MAX]
    report = _parameter(message, "report-type").lower()
    report = report if message.get_content_type() == "multipart/report" else ""
    about, failed = _bounce(message)
    ids = mail_ids(headers.get("message-id", ""), 1)
    # The nearest last: what is answered stands in In-Reply-To.
    references = mail_ids(f"{headers.get('references', '')} {headers.get('in-reply-to', '')}")
    return Letter(
        mail_id=ids[0][:MAIL_ID_LENGTH_MAX] if ids else None,
        references=references,
        sender=sender,
        sender_name=sender_name,
        recipients=_recipients(headers),
        subject=subject,
        sent_at=_moment(headers.get("date", "")),
        text=text,
        quoted_from=quoted_from(text),
        automatic=recognise(headers, sender, subject, report),
        about=about,
        failed=failed,
        own=OWN_HEADER.lower() in headers,
        conversation=None,
        parts=tuple(attached),
    )


def _check_bounds(raw: bytes) -> None:
    """Raises: UnreadableError."""
    if len(raw) > RAW_BYTES_MAX:
        raise UnreadableError(f"It has more than {RAW_BYTES_MAX} bytes.")
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    end = lines.find(b"\n\n")
    if (len(lines) if end < 0 else end) > HEADERS_BYTES_MAX:
        raise UnreadableError(f"Its headers have more than {HEADERS_BYTES_MAX} bytes.")
    boundaries = sum(1 for _ in _BOUNDARY.finditer(lines))
    # Each line is compared with each boundary that is open.
    compared = boundaries * lines.count(b"\n")
    delimiters = lines.count(b"\n--")
    if boundaries > _BOUNDARIES_MAX or compared > _COMPARED_MAX or delimiters > _DELIMITERS_MAX:
        raise UnreadableError("It has too many parts.")
    if sum(1 for _ in _NESTED.finditer(lines)) > _NESTED_MAX:
        raise UnreadableError("Too many mails are nested in it.")
    for each in _CONTENT_HEADER.finditer(lines):
        if len(each.group(0)) > _CONTENT_HEADER_BYTES_MAX:
            raise UnreadableError("A header of its parts is too long.")


def _headers(message: Message) -> Mapping[str, str]:
    """The headers by their names in small letters, decoded but where addresses stand; of several
    the first, but addresses of delivery and references all."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        key, said = name.lower(), str(value)[:_HEADER_LENGTH_MAX]
        if key in ("to", "cc", "delivered-to", "x-original-to", "references"):
            said = f"{found[key]}, {said}" if key in found else said
            found[key] = said[:_HEADER_LENGTH_MAX]
        else:
            found.setdefault(key, said)
    return {
        key: _flat(value) if key in _WITH_ADDRESSES else _decoded(value)
        for key, value in found.items()
    }


def _flat(value: str) -> str:
    """A header in one line, its bytes as text."""
    line = value.replace("\r", "").replace("\n", "")
    return line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _decoded(value: str) -> str:
    """A header with its encoded words (RFC 2047) read."""
    flat = _flat(value)
    try:
        found = decode_header(flat)
    except (MessageError, ValueError, LookupError):  # base64 that is none
        return storable(flat)
    said = [
        each if isinstance(each, str) else _text(each, charset or "utf-8")
        for each, charset in found
    ]
    return storable("".join(said))


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that have content, in their order; what hangs on nested mails stays with them."""
    todo, walked = [message], 0
    while todo and walked < _WALKED_MAX:
        each = todo.pop()
        walked += 1
        if each.get_content_maintype() == "multipart" and each.is_multipart():
            inner = _inner(each)
            if inner and each.get_content_subtype() == "alternative":
                inner = [_best(inner)]
            todo.extend(reversed(inner))
        else:
            yield each


def _best(alternatives: list[Message]) -> Message:
    """Plain text where there is some, else the last of those that say the same."""
    for each in alternatives:
        if each.get_content_type() == "text/plain" and _content(each, 200).strip():
            return each
    return alternatives[-1]


def _body(parts: list[Message]) -> tuple[str, list[LetterPart]]:
    """The text, and what hangs on it."""
    texts: list[str] = []
    attached: list[LetterPart] = []
    for each in parts:
        kind = each.get_content_type()
        if kind in ("text/plain", "text/html") and not _is_file(each):
            said = _text(_content(each, _BODY_BYTES_MAX), _charset(each))
            texts.append(text_of_html(said) if kind == "text/html" else said)
        elif len(attached) < PARTS_MAX:
            attached.append(_part(each, kind))
    text = "\n\n".join(_readable(each) for each in texts if each.strip())
    return text[:TEXT_LENGTH_MAX], attached


def _part(part: Message, kind: str) -> LetterPart:
    if part.is_multipart():
        content = b"\n".join(bytes(each) for each in _inner(part))
    else:
        content = _content(part, RAW_BYTES_MAX)
    name = _FILE_NAME.sub("_", _one_line(_decoded(str(part.get_filename("") or ""))))
    kept = name.strip(". ")[-NAME_LENGTH_MAX:]
    return LetterPart(kept, storable(kind)[:NAME_LENGTH_MAX], content, len(content))


def _inner(part: Message) -> list[Message]:
    payload = part.get_payload()
    if not isinstance(payload, list):
        return []
    return [each for each in payload if isinstance(each, Message)]


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _content(part: Message, maximum: int) -> bytes:
    """The bytes of a part, decoded, at most so many."""
    payload = part.get_payload(decode=True)
    return payload[:maximum] if isinstance(payload, bytes) else b""


def _charset(part: Message) -> str:
    return _parameter(part, "charset") or "utf-8"


def _parameter(part: Message, name: str) -> str:
    found = part.get_param(name, "")
    if isinstance(found, tuple):
        found = found[2]
    return str(found)


def _text(content: bytes, charset: str) -> str:
    """Bytes as text: in their charset if that is one of texts, else as they look like."""
    try:
        name = codecs.lookup(charset.strip()).name
    except (LookupError, ValueError):
        name = "utf-8"
    if not _CHARSET.fullmatch(name):
        name = "utf-8"
    try:
        return content.decode(name)
    except (UnicodeError, ValueError):
        pass
    return content.decode("cp1252" if name in ("utf-8", "ascii") else name, "replace")


def _readable(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    return storable(_INVISIBLE.sub("", lines)).strip("\n").rstrip()


def _one_line(text: str) -> str:
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()


def _sender(headers: Mapping[str, str]) -> tuple[str, str]:
    """Address and name of who wrote it; both empty where that cannot be read."""
    for name in ("from", "sender"):
        for said, address in _addresses(headers.get(name, "")):
            return address, _one_line(_decoded(said))[:NAME_LENGTH_MAX]
    return "", ""


def _recipients(headers: Mapping[str, str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in ("delivered-to", "x-original-to", "to", "cc"):
        for _, address in _addresses(headers.get(name, "")):
            found.setdefault(address)
    return tuple(found)[:ADDRESSES_MAX]


def _addresses(header: str) -> list[tuple[str, str]]:
    """Names and addresses in a header; what is no address is left out."""
    found: list[tuple[str, str]] = []
    try:
        given = getaddresses([header[:_HEADER_LENGTH_MAX]])
    except (ValueError, IndexError, RecursionError):
        return found
    for said, address in given[:ADDRESSES_MAX]:
        try:
            found.append((said, check_email(address)))
        except InvalidEmail:
            continue
    return found


def _moment(date: str) -> datetime | None:
    """When it says that it was sent. None: nothing that makes sense."""
    try:
        found = parsedate_to_datetime(date[:100])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _bounce(message: Message) -> tuple[str | None, bool]:
    """Of a report (RFC 3464): the Message-ID of what it is about, and whether that failed."""
    about, failed = None, False
    if message.get_content_type() != "multipart/report":
        return about, failed
    for part in _inner(message)[:10]:
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            failed = any(
                str(each.get("Action", "")).strip().lower() == "failed" for each in _inner(part)
            )
        elif kind in ("message/rfc822", "text/rfc822-headers"):
            inner = _inner(part)
            said = str(inner[0].get("Message-ID", "")) if inner else _header_text(part)
            about = next(iter(mail_ids(said, 1)), None)
    return about, failed


def _header_text(part: Message) -> str:
    """The Message-ID in headers that are given as text."""
    said = _content(part, HEADERS_BYTES_MAX).decode("ascii", "replace")
    found = re.search(r"^message-id:\s*(<[^<>\s]{1,248}>)", said, re.IGNORECASE | re.MULTILINE)
    return found.group(1) if found else ""
