"""SWIFT MT940 and MT942, by the library mt-940, each statement by itself.

The library is given text only: what looks like the name of a file it would open. Marks of
reversals are taken at their word: RC takes a credit back and RD a debit (SWIFT, field 61,
subfield 3).
"""

import re
from calendar import isleap
from collections.abc import Mapping
from datetime import date
from typing import Any

from mt940.models import Transactions
from mt940.options import Options

from backoffice_api.adapters.statements.values import (
    Garbled,
    account,
    decoded,
    minor,
    party,
    reference,
    text_of,
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

_OPTIONS = Options.all()
_BLOCK = re.compile(r"(?m)^[^\w\n]*(?=:20:)")
_LINES = re.compile(r"(?m)^:61:")
# Behind the closing balance stand balances and a text of the whole statement, of no line.
_END = re.compile(r"(?m)^:62[FM]?:[^\n]*")
_TAIL = re.compile(r"(?ms)^:86:.*\Z")
# Of all accounts of a file: more than some years of days, and read within seconds.
_STATEMENTS_MAX = 10_000
_OPENING = ("final_opening_balance", "intermediate_opening_balance", "opening_balance")
_CLOSING = ("final_closing_balance", "intermediate_closing_balance", "closing_balance")
_PURPOSES = ("posting_text", "purpose", "additional_purpose", "transaction_details")
# As Dutch banks write field 86: who it is, by its account, bank and name, or by its name alone.
_PARTY = re.compile(r"/CNTP/(?P<account>[^/]*)/[^/]*/(?P<name>[^/]*)/")
_NAMED = re.compile(r"/NAME/(?P<name>[^/]+)")
_IBAN = re.compile(r"/IBAN/(?P<account>[^/]+)")
_KEYWORD = re.compile(r"(?:^|[ /])(?:EREF|/EREF/)[+/: ]+(\S[^?/]*?)(?= [A-Z]{4}[+/:]|/|$)")


def _with_kind(_: Any, __: Any, ___: Any, result: dict[str, Any]) -> dict[str, Any]:
    """A line without a type would be taken for a part of the next one."""
    result["id"] = result.get("id") or "NMSC"
    return result


_PROCESSORS = {"post_statement": [*Transactions.DEFAULT_PROCESSORS["post_statement"], _with_kind]}


def read_mt940(content: bytes) -> Drafts:
    """The statements in an MT940 file.

    Raises:
        UnreadableStatement.
    """
    text = decoded(content)
    if text.count("\n:61:") > FILE_LINES_MAX:
        raise StatementFileTooLarge(FILE_BYTES_MAX, FILE_LINES_MAX).at("content")
    starts = [each.end() for each in _BLOCK.finditer(text)]
    if not starts:
        raise UnreadableStatement(StatementFormat.MT940, 0, "there is no :20:")
    found = []
    line = text.count("\n", 0, starts[0]) + 1
    for start, end in zip(starts, (*starts[1:], len(text)), strict=True):
        block = text[start:end]
        # Some banks begin a file with a block that names only themselves.
        if ":25:" in block or ":61:" in block:
            found.append(_read(block, line))
        if len(found) > _STATEMENTS_MAX:
            raise StatementFileTooLarge(FILE_BYTES_MAX, FILE_LINES_MAX).at("content")
        line += block.count("\n")
    if not found:
        raise UnreadableStatement(StatementFormat.MT940, 0, "it holds no statement")
    return found


def _read(block: str, line: int) -> StatementDraft:
    try:
        return _draft(block)
    except Garbled as fault:
        raise UnreadableStatement(StatementFormat.MT940, line, str(fault)) from None
    # What the library raises for what it cannot read.
    except (RuntimeError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        reason = "the statement that begins here has a field of another shape"
        raise UnreadableStatement(StatementFormat.MT940, line, reason) from None


def _draft(block: str) -> StatementDraft:
    if end := _END.search(block):
        block = block[: end.end()] + _TAIL.sub("", block[end.end() :])
    read = Transactions(processors=_PROCESSORS, options=_OPTIONS)
    read.parse(block)
    data, entries = read.data, [each.data for each in read if "amount" in each.data]
    if len(entries) != len(_LINES.findall(block)):
        raise Garbled("not every :61: can be told from the next one")
    opening = next((data[each] for each in _OPENING if data.get(each)), None)
    closing = next((data[each] for each in _CLOSING if data.get(each)), None)
    named = opening or closing
    currency = named.amount.currency if named else (read.currency or "")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise Garbled("no balance names the currency")
    number = "/".join(
        str(data[each]) for each in ("statement_number", "sequence_number") if data.get(each)
    )
    return StatementDraft(
        account=account(str(data.get("account_identification") or "")) or "",
        currency=currency,
        reference=text_of(str(data.get("transaction_reference") or ""), number)[:140],
        opening_minor=_balance(opening, currency),
        closing_minor=_balance(closing, currency),
        starts_on=_date(opening.date) if opening else None,
        ends_on=_date(closing.date) if closing else None,
        lines=tuple(_line(each, currency) for each in entries),
        is_mixed=bool(closing and closing.amount.currency != currency),
    )


def _balance(balance: Any, currency: str) -> int | None:
    return None if balance is None else minor(str(balance.amount.amount), currency)


def _line(data: Mapping[str, Any], currency: str) -> LineDraft:
    unsigned = abs(minor(str(data["amount"].amount), currency))
    mark = str(data["status"]).upper()
    value_on = _date(data["date"])
    details = [data.get(each) for each in _PURPOSES]
    remittance = text_of(*(_shown(each) for each in details))
    keyword = _KEYWORD.search(remittance)
    own = data.get("end_to_end_reference") or data.get("customer_reference")
    return LineDraft(
        booked_on=_nearest(data.get("entry_date"), value_on),
        value_on=value_on,
        amount_minor=unsigned if mark in ("C", "RD") else -unsigned,
        text=text_of(remittance, _shown(data.get("extra_details"))),
        party_name=party(
            _shown(data.get("applicant_name")) or _said(remittance, "name", _PARTY, _NAMED)
        ),
        party_account=account(
            _shown(data.get("applicant_iban"))
            or _shown(data.get("gvc_applicant_iban"))
            or _said(remittance, "account", _PARTY, _IBAN)
        ),
        reference=reference(_shown(own)) or (reference(keyword[1]) if keyword else None),
        bank_reference=reference(_shown(data.get("bank_reference"))),
    )


def _said(remittance: str, part: str, *patterns: re.Pattern[str]) -> str | None:
    """What the first of these says that stands there."""
    found = (each.search(remittance) for each in patterns)
    return next((each[part] for each in found if each), None)


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)


def _nearest(booked: date | None, value_on: date) -> date:
    """The day of booking, which is told without its year: the one nearest to the other day."""
    if booked is None:
        return value_on
    years = (value_on.year, value_on.year - 1, value_on.year + 1)
    days = [
        date(year, booked.month, booked.day)
        for year in years
        if (booked.month, booked.day) != (2, 29) or isleap(year)
    ]
    return min(days, key=lambda each: abs(each - value_on), default=value_on)


def _date(value: date) -> date:
    """A plain day of what the library has of its own."""
    return date(value.year, value.month, value.day)
