"""FEBRABAN CNAB 240: statements for reconciliation (segment E), and returns of collections (T, U).

Layout: FEBRABAN, Layout Padrão 240 posições, version 10, "Extrato de conta corrente para
conciliação bancária" and "Cobrança". Places are counted from 1, both ends included. Banks strip
blanks off the ends of lines, so every line is filled up to its 240 places first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from backoffice_api.adapters.statements.values import (
    Garbled,
    day,
    decoded,
    minor,
    reference,
    text_of,
)
from backoffice_api.domain.banking.model.files import (
    CollectionDraft,
    Drafts,
    LineDraft,
    StatementDraft,
    StatementFormat,
    UnreadableStatement,
)

WIDTH = 240
_KIND, _SEGMENT = (8, 8), (14, 14)
_HEADER, _DETAIL, _TRAILER = "1", "3", "5"
_STATEMENT_SERVICE = "04"

# What stands where, by the kind of the line.
_BATCH: Mapping[str, tuple[int, int]] = {
    "service": (10, 11),
    "branch": (53, 57),
    "account": (59, 70),
    "account_check": (71, 71),
    # That of branch and account together; Itaú has that of the account here.
    "both_check": (72, 72),
    "day": (143, 150),
    "amount": (151, 168),
    "mark": (169, 169),
}
_HEADER_MORE: Mapping[str, tuple[int, int]] = {"currency": (171, 173), "number": (174, 178)}
_ENTRY: Mapping[str, tuple[int, int]] = {
    "complement": (114, 133),
    "value_day": (135, 142),
    "day": (143, 150),
    "amount": (151, 168),
    "mark": (169, 169),
    "text": (177, 201),
    "document": (202, 240),
}
_TITLE: Mapping[str, tuple[int, int]] = {
    "occurrence": (16, 17),
    "our_number": (38, 57),
    "document": (59, 73),
    "nominal": (82, 96),
    "fee": (199, 213),
}
_PAID: Mapping[str, tuple[int, int]] = {
    "paid": (78, 92),
    "occurred": (138, 145),
    "credited": (146, 153),
}


def read_cnab240(content: bytes) -> Drafts:
    """The statements in a CNAB 240 file.

    Raises:
        UnreadableStatement: it is damaged, or holds no statement; returns of collections are none.
    """
    found: list[StatementDraft] = []
    opened: _Batch | None = None
    entries: list[LineDraft] = []
    has_titles = False
    for number, line in _numbered(content):
        kind, segment = _cut(line, _KIND), _cut(line, _SEGMENT)
        has_titles = has_titles or (kind == _DETAIL and segment in ("T", "U"))
        try:
            if kind == _HEADER and _cut(line, _BATCH["service"]) == _STATEMENT_SERVICE:
                opened, entries = _batch(line), []
            elif kind == _DETAIL and segment == "E" and opened:
                entries.append(_entry(line))
            elif kind == _TRAILER and opened:
                found.append(_statement(opened, entries, line))
                opened = None
        except Garbled as fault:
            raise UnreadableStatement(StatementFormat.CNAB240, number, str(fault)) from None
    if opened:
        raise UnreadableStatement(StatementFormat.CNAB240, 0, "it breaks off")
    if not found:
        reason = "it holds no statement (segment E)"
        if has_titles:
            reason = "it is a return of collections (segments T and U), no statement"
        raise UnreadableStatement(StatementFormat.CNAB240, 0, reason)
    return found


def read_collections(content: bytes) -> Sequence[CollectionDraft]:
    """The slips in a return file of collections, each from its two segments.

    Raises:
        UnreadableStatement.
    """
    found: list[CollectionDraft] = []
    title: str | None = None
    for number, line in _numbered(content):
        segment = _cut(line, _SEGMENT) if _cut(line, _KIND) == _DETAIL else ""
        if segment == "T":
            title = line
        elif segment == "U" and title is not None:
            try:
                found.append(_collection(title, line))
            except Garbled as fault:
                raise UnreadableStatement(StatementFormat.CNAB240, number, str(fault)) from None
            title = None
    return found


@dataclass(frozen=True, slots=True)
class _Batch:
    """What the first line of a statement tells."""

    account: str
    currency: str
    number: str
    day: date | None
    opening_minor: int


def _numbered(content: bytes) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, filled up. Some banks send all of them without line ends."""
    text = decoded(content).lstrip("\ufeff").rstrip("\x1a\n ")
    lines = text.split("\n")
    if len(lines) == 1 and len(text) > WIDTH:
        lines = [text[start : start + WIDTH] for start in range(0, len(text), WIDTH)]
    return ((number, line.ljust(WIDTH)) for number, line in enumerate(lines, 1) if line.strip())


def _batch(line: str) -> _Batch:
    currency = _cut(line, _HEADER_MORE["currency"]).upper()
    # Banks write R$ or 1 where they mean reais.
    currency = currency if currency.isalpha() and len(currency) == 3 else "BRL"
    check = _cut(line, _BATCH["account_check"]) or _cut(line, _BATCH["both_check"])
    number = _cut(line, _BATCH["account"]).lstrip("0")
    return _Batch(
        account=f"{_cut(line, _BATCH['branch']).lstrip('0')}/{number}{check}",
        currency=currency,
        number=_cut(line, _HEADER_MORE["number"]).lstrip("0"),
        day=_day(line, _BATCH["day"]),
        opening_minor=_signed(line, _BATCH),
    )


def _entry(line: str) -> LineDraft:
    booked = _day(line, _ENTRY["day"]) or _day(line, _ENTRY["value_day"])
    if booked is None:
        raise Garbled("an entry has no day")
    document = _cut(line, _ENTRY["document"])
    return LineDraft(
        booked_on=booked,
        value_on=_day(line, _ENTRY["value_day"]),
        amount_minor=_signed(line, _ENTRY),
        text=text_of(_cut(line, _ENTRY["text"]), _cut(line, _ENTRY["complement"]), document),
        reference=reference(document.lstrip("0")),
    )


def _statement(batch: _Batch, entries: Sequence[LineDraft], line: str) -> StatementDraft:
    return StatementDraft(
        account=batch.account,
        currency=batch.currency,
        reference=batch.number,
        opening_minor=batch.opening_minor,
        closing_minor=_signed(line, _BATCH),
        starts_on=batch.day,
        ends_on=_day(line, _BATCH["day"]),
        lines=tuple(entries),
    )


def _collection(title: str, paid: str) -> CollectionDraft:
    return CollectionDraft(
        occurrence=_cut(title, _TITLE["occurrence"]),
        our_number=_cut(title, _TITLE["our_number"]),
        document=_cut(title, _TITLE["document"]),
        nominal_minor=_whole(title, _TITLE["nominal"]),
        paid_minor=_whole(paid, _PAID["paid"]),
        fee_minor=_whole(title, _TITLE["fee"]),
        occurred_on=_day(paid, _PAID["occurred"]),
        credited_on=_day(paid, _PAID["credited"]),
    )


def _cut(line: str, places: tuple[int, int]) -> str:
    return line[places[0] - 1 : places[1]].strip()


def _whole(line: str, places: tuple[int, int]) -> int:
    """An amount without a point, its last two digits being cents. Blank: nothing."""
    digits = _cut(line, places) or "0"
    if not (digits.isascii() and digits.isdigit()):
        raise Garbled(f"bad amount {digits[:40]!r} at place {places[0]}")
    return minor(f"{digits.zfill(3)[:-2]}.{digits.zfill(3)[-2:]}", "BRL")


def _signed(line: str, layout: Mapping[str, tuple[int, int]]) -> int:
    mark = _cut(line, layout["mark"]).upper()
    amount = _whole(line, layout["amount"])
    if mark not in ("C", "D") and (mark or amount):
        raise Garbled(f"bad mark {mark!r} at place {layout['mark'][0]}, not C or D")
    return -amount if mark == "D" else amount


def _day(line: str, places: tuple[int, int]) -> date | None:
    """DDMMYYYY. None: blank or zeros."""
    text = _cut(line, places)
    if not text.strip("0"):
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 8):
        raise Garbled(f"bad date {text[:40]!r} at place {places[0]}")
    return day(text[4:], text[2:4], text[:2])
