"""Statements as tables of text: a mapping tells which column is what."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

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
    CsvMapping,
    Drafts,
    LineDraft,
    StatementDraft,
    StatementFileTooLarge,
    StatementFormat,
    UnreadableStatement,
)

SKIPPED_LINES_MAX = 100
_DELIMITERS = ";,\t|"
_LINE_LENGTH_MAX = 200_000
_DATE_PARTS = {
    "YYYY": r"(?P<y>\d{4})",
    "YY": r"(?P<s>\d\d)",
    "MM": r"(?P<m>\d\d?)",
    "DD": r"(?P<d>\d\d?)",
}
_PART = re.compile("YYYY|YY|MM|DD")
Row = Sequence[str]
Cell = Callable[[str | None], str]


def read_csv(content: bytes, mapping: CsvMapping) -> Drafts:
    """The lines of a table, a statement for each account and currency that it names.

    With a column of balances, the first and the last one tell opening and closing balance.

    Raises:
        UnreadableStatement.
    """
    _check(mapping)
    rows = _rows(content, mapping)
    columns = _columns(rows, mapping)
    read_date = _date_reader(mapping.date_format)
    found: dict[tuple[str, str], list[tuple[LineDraft, int | None]]] = {}
    for number, row in rows[1 if mapping.has_header else 0 :]:
        try:
            cell = _cell(row, columns)
            number_of = account(cell(mapping.account)) or ""
            currency = (cell(mapping.currency_column) or mapping.currency or "").upper()
            if not re.fullmatch("[A-Z]{3}", currency):
                raise Garbled(f"bad currency {currency[:40]!r}")
            line = _line(cell, mapping, currency, read_date)
            balance = cell(mapping.balance)
            left = minor(with_point(balance, mapping.decimal_sign), currency) if balance else None
        except Garbled as fault:
            raise UnreadableStatement(StatementFormat.CSV, number, str(fault)) from None
        found.setdefault((number_of, currency), []).append((line, left))
    if not found:
        raise UnreadableStatement(StatementFormat.CSV, 0, "it holds no lines")
    return [_statement(*key, lines) for key, lines in found.items()]


def _check(mapping: CsvMapping) -> None:
    if mapping.decimal_sign not in (".", ","):
        raise UnreadableStatement(StatementFormat.CSV, 0, "the decimal sign is . or ,")
    if mapping.delimiter is not None and mapping.delimiter not in tuple(_DELIMITERS):
        raise UnreadableStatement(StatementFormat.CSV, 0, "columns are parted by ; , | or a tab")
    if not 0 <= mapping.skipped_lines <= SKIPPED_LINES_MAX:
        reason = f"at most {SKIPPED_LINES_MAX} lines are skipped"
        raise UnreadableStatement(StatementFormat.CSV, 0, reason)
    if (mapping.amount is None) == (mapping.debit is None and mapping.credit is None):
        reason = "it takes a column of amounts, or one of debits and one of credits"
        raise UnreadableStatement(StatementFormat.CSV, 0, reason)


def _rows(content: bytes, mapping: CsvMapping) -> list[tuple[int, Row]]:
    text = decoded(content)
    kept = text.split("\n", mapping.skipped_lines)[-1] if mapping.skipped_lines else text
    head = kept.split("\n", 1)[0]
    bare = "".join(head.split('"')[::2])
    delimiter = mapping.delimiter or max(_DELIMITERS, key=bare.count)
    reader = csv.reader(_bounded(kept), delimiter=delimiter)
    found: list[tuple[int, Row]] = []
    try:
        for row in reader:
            if any(each.strip() for each in row):
                found.append((reader.line_num + mapping.skipped_lines, row))
            if len(found) > FILE_LINES_MAX + 1:
                raise StatementFileTooLarge(FILE_BYTES_MAX, FILE_LINES_MAX).at("content")
    except csv.Error as fault:
        line = reader.line_num + mapping.skipped_lines
        raise UnreadableStatement(StatementFormat.CSV, line, str(fault)) from None
    return found


def _bounded(text: str) -> Iterator[str]:
    """The lines of a text, none of which is so long that its columns fill the memory."""
    for number, line in enumerate(io.StringIO(text), 1):
        if len(line) > _LINE_LENGTH_MAX:
            raise UnreadableStatement(StatementFormat.CSV, number, "the line is too long")
        yield line


def _columns(rows: Sequence[tuple[int, Row]], mapping: CsvMapping) -> Mapping[str, int]:
    """Where each column of the mapping stands."""
    titles: dict[str, int] = {}
    if mapping.has_header and rows:
        for place, title in enumerate(rows[0][1]):
            titles.setdefault(title.strip().casefold(), place)
    named = [
        mapping.booked_on,
        mapping.amount,
        mapping.debit,
        mapping.credit,
        mapping.mark,
        mapping.value_on,
        mapping.party_name,
        mapping.party_account,
        mapping.reference,
        mapping.bank_reference,
        mapping.balance,
        mapping.account,
        mapping.currency_column,
        *mapping.text,
    ]
    found: dict[str, int] = {}
    for name in filter(None, named):
        position: int | None = titles.get(name.strip().casefold())
        if position is None and name.isascii() and name.isdigit() and 1 <= int(name) <= 1_000:
            position = int(name) - 1
        if position is None:
            line = rows[0][0] if rows else 0
            raise UnreadableStatement(StatementFormat.CSV, line, f"no column {name[:40]!r}")
        found[name] = position
    return found


def _cell(row: Row, columns: Mapping[str, int]) -> Cell:
    def cell(name: str | None) -> str:
        if name is None or columns[name] >= len(row):
            return ""
        return row[columns[name]].strip()

    return cell


def _line(
    cell: Cell, mapping: CsvMapping, currency: str, read_date: Callable[[str], date]
) -> LineDraft:
    value_on = cell(mapping.value_on)
    return LineDraft(
        booked_on=read_date(cell(mapping.booked_on)),
        value_on=read_date(value_on) if value_on else None,
        amount_minor=_amount(cell, mapping, currency),
        text=text_of(*(cell(each) for each in mapping.text)),
        party_name=party(cell(mapping.party_name)),
        party_account=account(cell(mapping.party_account)),
        reference=reference(cell(mapping.reference)),
        bank_reference=reference(cell(mapping.bank_reference)),
    )


def _amount(cell: Cell, mapping: CsvMapping, currency: str) -> int:
    def number(name: str | None) -> int:
        text = re.sub(r"^[^\d(+\-.,\u2212]+|(?<=\d)[^\d)+\-.,\u2212]+$", "", cell(name))
        # The sign of the currency may stand behind that of the number, too.
        text = re.sub(r"([(+\-\u2212])[^\d()+\-.,\u2212]+(?=[\d.,])", r"\1", text)
        return minor(with_point(text, mapping.decimal_sign), currency) if text else 0

    if mapping.amount:
        if not re.search(r"\d", cell(mapping.amount)):
            raise Garbled(f"bad amount {cell(mapping.amount)[:40]!r}")
        amount = number(mapping.amount)
        marks = {each.casefold() for each in mapping.debit_marks}
        if mapping.mark and cell(mapping.mark).casefold() in marks:
            amount = -abs(amount)
    else:
        amount = abs(number(mapping.credit)) - abs(number(mapping.debit))
    return -amount if mapping.is_negated else amount


def _date_reader(format: str) -> Callable[[str], date]:
    parts = _PART.split(format)
    names = _PART.findall(format)
    shape = re.escape(parts[0]) + "".join(
        _DATE_PARTS[name] + re.escape(part) for name, part in zip(names, parts[1:], strict=True)
    )
    is_whole = {each[0] for each in names} == {"Y", "M", "D"} and len(names) == 3
    if not is_whole:
        raise UnreadableStatement(StatementFormat.CSV, 0, f"no date format {format[:40]!r}")
    # A year of four digits is not one of two.
    pattern = re.compile(shape + (r"(?!\d)" if not parts[-1] else ""), re.ASCII)

    def read(text: str) -> date:
        match = pattern.match(text)
        if not match:
            raise Garbled(f"bad date {text[:40]!r}")
        found = match.groupdict()
        year = found.get("y") or f"20{found['s']}"
        return day(year, found["m"], found["d"])

    return read


def _statement(
    number: str, currency: str, read: Sequence[tuple[LineDraft, int | None]]
) -> StatementDraft:
    """The lines from the oldest to the newest, whichever the table begins with."""
    downwards = sum(a.booked_on > b.booked_on for (a, _), (b, _) in pairwise(read))
    upwards = sum(a.booked_on < b.booked_on for (a, _), (b, _) in pairwise(read))
    ordered = list(reversed(read)) if downwards > upwards else list(read)
    if downwards == upwards and _fits(list(reversed(read))) and not _fits(ordered):
        ordered.reverse()
    (first, after_first), (_, closing) = ordered[0], ordered[-1]
    return StatementDraft(
        account=number,
        currency=currency,
        reference="",
        opening_minor=None if after_first is None else after_first - first.amount_minor,
        closing_minor=closing if after_first is not None else None,
        starts_on=min(line.booked_on for line, _ in read),
        ends_on=max(line.booked_on for line, _ in read),
        lines=tuple(line for line, _ in ordered),
    )


def _fits(read: Sequence[tuple[LineDraft, int | None]]) -> bool:
    """Whether each balance is the one before and the line."""
    return all(
        a is None or b is None or a + line.amount_minor == b for (_, a), (line, b) in pairwise(read)
    )
