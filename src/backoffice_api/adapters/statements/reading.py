"""A file with statements, of whatever format: told, bounded, unpacked, read."""

import base64
import binascii
import re
import zlib

from backoffice_api.adapters.statements.camt import read_camt
from backoffice_api.adapters.statements.cnab240 import read_cnab240
from backoffice_api.adapters.statements.mt940 import read_mt940
from backoffice_api.adapters.statements.ofx import read_ofx
from backoffice_api.adapters.statements.table import read_csv
from backoffice_api.adapters.statements.values import AMOUNT_DIGITS_MAX, decoded
from backoffice_api.domain.banking.model.files import (
    FILE_BYTES_MAX,
    FILE_LINES_MAX,
    CsvMapping,
    Drafts,
    MappingNeeded,
    NotBase64,
    StatementFileTooLarge,
    StatementFormat,
    UnknownStatementFormat,
    UnreadableStatement,
)

_GZIP = b"\x1f\x8b"
# What follows a member is copied with each: a file of nothing but empty ones would take minutes.
_MEMBERS_MAX = 256
_CAMT = re.compile(r"<(?:\w+:)?(BkToCstmr\w+|Document)\b")
_MT940 = re.compile(r"(?m)^[^\w\n]*:20:")
# The first line of a file, and that of its first batch: kinds 0 and 1 at place 8.
_CNAB = re.compile(r"\d{3}00000[^\n]{,232}\n?\d{7}1", re.ASCII)


def unpacked(content: str) -> bytes:
    """The bytes of a file given in base64, unpacked if they are packed with gzip.

    Raises:
        NotBase64: they are not, or damaged.
        StatementFileTooLarge: there are more than `FILE_BYTES_MAX`.
    """
    if len(content) > FILE_BYTES_MAX * 4 // 3 + 100_000:
        raise StatementFileTooLarge(FILE_BYTES_MAX, FILE_LINES_MAX)
    try:
        return unzipped(base64.b64decode("".join(content.split()), validate=True))
    except (binascii.Error, ValueError, zlib.error):
        raise NotBase64().at("content") from None


def unzipped(packed: bytes) -> bytes:
    """What all members of a gzip file hold; the file itself where it is none. Never much more than
    may be taken, whatever it would become.

    Raises:
        ValueError: it breaks off, or has too many members.
        zlib.error: it is damaged.
    """
    if not packed.startswith(_GZIP):
        return packed
    found, rest = bytearray(), packed
    members = 0
    while rest.startswith(_GZIP) and len(found) <= FILE_BYTES_MAX:
        members += 1
        if members > _MEMBERS_MAX:
            raise ValueError
        member = zlib.decompressobj(wbits=31)
        found += member.decompress(rest, FILE_BYTES_MAX + 1)
        if not member.eof and len(found) <= FILE_BYTES_MAX:
            raise ValueError
        rest = member.unused_data
    return bytes(found)


def format_of(content: bytes) -> StatementFormat:
    """What a file is written in, by how it begins.

    Raises:
        UnknownStatementFormat: nothing tells.
    """
    head = decoded(content[:20_000]).lstrip()
    if "OFXHEADER" in head.upper() or "<OFX>" in head.upper():
        return StatementFormat.OFX
    if _CAMT.search(head):
        return StatementFormat.CAMT
    if _MT940.search(head):
        return StatementFormat.MT940
    if _CNAB.match(head):
        return StatementFormat.CNAB240
    raise UnknownStatementFormat().at("format")


def read_statements(
    content: bytes, format: StatementFormat | None = None, mapping: CsvMapping | None = None
) -> tuple[StatementFormat, Drafts]:
    """The statements in a file, and its format. `format` None: found out; a mapping means CSV.

    Raises:
        UnreadableStatement: it is damaged; with where and why.
        UnknownStatementFormat, MappingNeeded, StatementFileTooLarge.
    """
    if len(content) > FILE_BYTES_MAX:
        raise StatementFileTooLarge(FILE_BYTES_MAX, FILE_LINES_MAX).at("content")
    format = format or (StatementFormat.CSV if mapping else format_of(content))
    if (format is StatementFormat.CSV) != (mapping is not None):
        raise MappingNeeded().at("mapping")
    drafts = _read(content, format, mapping)
    if sum(len(each.lines) for each in drafts) > FILE_LINES_MAX:
        raise StatementFileTooLarge(FILE_BYTES_MAX, FILE_LINES_MAX).at("content")
    if any(abs(each.total_minor) >= 10**AMOUNT_DIGITS_MAX for each in drafts):
        raise UnreadableStatement(format, 0, "its lines come to too much").at("content")
    return format, drafts


def _read(content: bytes, format: StatementFormat, mapping: CsvMapping | None) -> Drafts:
    match format:
        case StatementFormat.OFX:
            return read_ofx(content)
        case StatementFormat.CAMT:
            return read_camt(content)
        case StatementFormat.MT940:
            return read_mt940(content)
        case StatementFormat.CNAB240:
            return read_cnab240(content)
        case StatementFormat.CSV:
            assert mapping, "the caller has seen to it"
            return read_csv(content, mapping)
