"""OFX 1 (SGML) and 2 (XML), read the same way: tags and what stands behind them.

In SGML values have no closing tag, and some banks write the XML header above SGML; so nothing is
asked of the syntax but tags. Entities are only those of characters; none can be declared.
Source: OFX 1.6 and 2.2, chapter 11.4.
"""

import html
import re
from collections.abc import Iterator
from datetime import date

from backoffice_api.adapters.statements.values import (
    Garbled,
    account,
    day,
    decoded,
    minor,
    party,
    reference,
    text_of,
    with_point,
)
from backoffice_api.domain.banking.model.files import (
    FILE_BYTES_MAX,
    FILE_LINES_MAX,
    Drafts,
    LineDraft,
    StatementDraft,
    StatementFileTooLarge,
    StatementFormat,
    UnreadableStatement,
)

_STATEMENTS = frozenset({"STMTRS", "CCSTMTRS"})
_ACCOUNTS = frozenset({"BANKACCTFROM", "CCACCTFROM"})
_OTHER_ACCOUNTS = frozenset({"BANKACCTTO", "CCACCTTO"})
_GROUPS = (
    _STATEMENTS
    | _ACCOUNTS
    | _OTHER_ACCOUNTS
    | {"BANKTRANLIST", "STMTTRN", "LEDGERBAL", "AVAILBAL", "PAYEE", "CURRENCY", "ORIGCURRENCY"}
)
_TAG = re.compile(r"<(/?)([A-Za-z][\w.:-]*)(?:\s[^<>]*)?(/?)>([^<]*)")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_DECLARED = re.compile(rb"(?:CHARSET:|encoding=[\"'])\s*([\w-]+)")
_CHARSETS = {"1252": "cp1252", "8859-1": "latin-1", "NONE": "utf-8"}

Fields = dict[str, str]


def read_ofx(content: bytes) -> Drafts:
    """The statements of bank accounts and cards in an OFX file.

    Raises:
        UnreadableStatement.
    """
    declared = _DECLARED.search(content[:2_000])
    charset = declared[1].decode() if declared else None
    text = decoded(content, _CHARSETS.get(charset or "", charset))
    start = text.upper().find("<OFX>")
    if start < 0:
        raise UnreadableStatement(StatementFormat.OFX, 0, "there is no <OFX>")
    found = list(_statements(_without_cdata(text), start))
    if not found:
        raise UnreadableStatement(StatementFormat.OFX, 0, "it holds no statement")
    return found


def _without_cdata(text: str) -> str:
    """The text with what stands in CDATA as other text stands.

    Behind the last end there is nothing to look for: each beginning would be followed to the end.
    """
    end = text.rfind("]]>") + 3 if "]]>" in text else 0
    return _CDATA.sub(lambda each: html.escape(each[1]), text[:end]) + text[end:]


class _Open:
    """A statement that is being read."""

    def __init__(self) -> None:
        self.fields: Fields = {}
        self.account: Fields = {}
        self.balance: Fields = {}
        self.lines: list[tuple[int, Fields]] = []

    def begin(self, line: int) -> None:
        """A line of it begins in this line of the file."""
        if len(self.lines) == FILE_LINES_MAX:
            raise StatementFileTooLarge(FILE_BYTES_MAX, FILE_LINES_MAX).at("content")
        self.lines.append((line, {}))

    def made(self) -> StatementDraft:
        currency = self.fields.get("CURDEF", "").upper()
        if not re.fullmatch("[A-Z]{3}", currency):
            raise Garbled(f"bad CURDEF {currency[:40]!r}")
        closing = self.balance.get("BALAMT")
        return StatementDraft(
            account=text_of(self.account.get("ACCTID")),
            currency=currency,
            reference="",
            opening_minor=None,
            closing_minor=None if closing is None else _amount("BALAMT", closing, currency),
            starts_on=_day(self.fields.get("DTSTART")),
            ends_on=_day(self.fields.get("DTEND") or self.balance.get("DTASOF")),
            lines=tuple(_line(*each, currency) for each in self.lines),
            # With ORIGCURRENCY the amount is already converted, with CURRENCY it is not.
            is_mixed=any(
                each.get("CURRENCY.CURSYM", currency).upper() != currency for _, each in self.lines
            ),
        )


def _statements(text: str, start: int) -> Iterator[StatementDraft]:
    at, line = start, text.count("\n", 0, start) + 1
    groups: list[str] = []
    statement: _Open | None = None
    for match in _TAG.finditer(text, start):
        line, at = line + text.count("\n", at, match.start()), match.start()
        closes, name, is_empty, behind = match[1], match[2].upper(), match[3], match[4]
        if not closes and name in _STATEMENTS:
            statement, groups = _Open(), [name]
        elif not closes and name in _GROUPS:
            groups.append(name)
            if name == "STMTTRN" and statement:
                statement.begin(line)
        elif closes and name in _STATEMENTS and statement:
            yield _made(statement, line)
            statement, groups = None, []
        elif closes and name in groups:
            del groups[groups.index(name) :]
        elif not closes and not is_empty and statement and groups:
            _note(statement, groups, name, html.unescape(behind).strip())
    if statement:
        raise UnreadableStatement(StatementFormat.OFX, line, "it breaks off")


def _note(statement: _Open, groups: list[str], name: str, value: str) -> None:
    """Keep what stands behind the tag of a value."""
    group = groups[-1]
    if "STMTTRN" in groups and statement.lines:
        fields = statement.lines[-1][1]
        key = name if group == "STMTTRN" else f"{group}.{name}"
    elif group in _ACCOUNTS:
        fields, key = statement.account, name
    elif group == "LEDGERBAL":
        fields, key = statement.balance, name
    elif group == "AVAILBAL":
        return
    else:
        fields, key = statement.fields, name
    if value:
        fields.setdefault(key, value)


def _made(statement: _Open, line: int) -> StatementDraft:
    try:
        return statement.made()
    except Garbled as fault:
        raise UnreadableStatement(StatementFormat.OFX, line, str(fault)) from None


def _line(number: int, fields: Fields, currency: str) -> LineDraft:
    try:
        amount = _amount("TRNAMT", fields.get("TRNAMT", ""), currency)
        posted = _day(fields.get("DTPOSTED"))
        if posted is None:
            raise Garbled("a line has no DTPOSTED")
    except Garbled as fault:
        raise UnreadableStatement(StatementFormat.OFX, number, str(fault)) from None
    name = fields.get("NAME") or fields.get("PAYEE.NAME")
    other = next((fields[k] for k in fields if k.endswith("ACCTTO.ACCTID")), None)
    return LineDraft(
        booked_on=posted,
        value_on=_day(fields.get("DTAVAIL")),
        amount_minor=amount,
        text=text_of(name, fields.get("MEMO")),
        party_name=party(name),
        party_account=account(other),
        reference=reference(fields.get("REFNUM") or fields.get("CHECKNUM")),
        bank_reference=reference(fields.get("FITID")),
    )


def _amount(name: str, text: str, currency: str) -> int:
    """An amount by a point or a comma; the last sign of both is that of the decimals."""
    try:
        sign = "," if text.rfind(",") > text.rfind(".") else "."
        return minor(with_point(text, sign), currency)
    except Garbled:
        raise Garbled(f"bad {name} {text[:40]}") from None


def _day(text: str | None) -> date | None:
    """The day of a time of OFX, YYYYMMDDHHMMSS and more; the hour is that of the bank."""
    if text is None:
        return None
    match = re.match(r"(\d{4})(\d\d)(\d\d)", text, re.ASCII)
    if not match:
        raise Garbled(f"bad date {text[:40]!r}")
    return day(*match.groups())
