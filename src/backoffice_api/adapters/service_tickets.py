"""Reads the log of changes of a service desk, as the data set "Incident management process
enriched event log" (UCI 498) has it: one row for each change of an incident.

The rows of one incident stand together, in the order of its changes; some are missing. Columns are
found by their names. Times are written day first, `29/2/2016 01:16`, and are taken for UTC; `?`
stands for nothing. The system is ServiceNow: its states and priorities become those of tickets.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import groupby

from backoffice_api.adapters.csv_file import CsvFile, CsvRow, UnreadableFile
from backoffice_api.domain.integrations.model import RowAction, RowFault, Severity
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX, NAME_LENGTH_MAX
from backoffice_api.domain.tickets.model.history import (
    ENTRIES_MAX,
    RecordedEntry,
    RecordedTicket,
)
from backoffice_api.domain.tickets.model.words import TicketPriority, TicketSource, TicketStatus

SYSTEM = "service-tickets"
NUMBER_LENGTH_MAX = 40
COUNT_MAX = 1_000_000

STATES: Mapping[str, TicketStatus] = {
    "New": TicketStatus.NEW,
    "Active": TicketStatus.OPEN,
    "Awaiting User Info": TicketStatus.PENDING_CUSTOMER,
    "Awaiting Evidence": TicketStatus.PENDING_INTERNAL,
    "Awaiting Problem": TicketStatus.PENDING_INTERNAL,
    "Awaiting Vendor": TicketStatus.PENDING_INTERNAL,
    "Resolved": TicketStatus.RESOLVED,
    "Closed": TicketStatus.CLOSED,
}
PRIORITIES: Mapping[str, TicketPriority] = {
    "1": TicketPriority.URGENT,
    "2": TicketPriority.HIGH,
    "3": TicketPriority.NORMAL,
    "4": TicketPriority.LOW,
    "5": TicketPriority.LOW,
}
SOURCES: Mapping[str, TicketSource] = {
    "Direct opening": TicketSource.API,
    "Email": TicketSource.EMAIL,
    "IVR": TicketSource.PHONE,
    "Phone": TicketSource.PHONE,
    "Self service": TicketSource.FORM,
}
NEEDED = (
    "number",
    "incident_state",
    "reopen_count",
    "sys_mod_count",
    "made_sla",
    "caller_id",
    "opened_at",
    "sys_updated_by",
    "sys_updated_at",
    "contact_type",
    "priority",
    "assignment_group",
    "assigned_to",
)
# What else is known of an incident, and goes into its first note.
NOTED = ("category", "subcategory", "u_symptom", "location", "closed_code", "resolved_by")

_NOTHING = "?"
_FLAGS = {"true": True, "false": False}


class FaultCode(Choice):
    """What can be remarked on a row."""

    MALFORMED_CSV = "MALFORMED_CSV", "No row can be made out, as after a quote that never ends."
    FIELD_COUNT = "FIELD_COUNT", "The row has not as many fields as the header."
    BAD_TEXT = "BAD_TEXT", "A control character, bytes that are no UTF-8, or too long a text."
    BAD_NUMBER = "BAD_NUMBER", "No number of an incident, or no count where one should be."
    BAD_TIME = "BAD_TIME", "No time, as 29/2/2016 01:16."
    BAD_FLAG = "BAD_FLAG", "Neither true nor false."
    TOO_MANY_ROWS = "TOO_MANY_ROWS", "An incident has more rows than are taken over."
    UNKNOWN_STATE = "UNKNOWN_STATE", "Nobody knows the state: the ticket stays in the one before."
    UNKNOWN_PRIORITY = "UNKNOWN_PRIORITY", "Nobody knows the priority: it counts as normal."
    UNKNOWN_SOURCE = "UNKNOWN_SOURCE", "Nobody knows how it came in: it counts as an import."
    OUT_OF_ORDER = "OUT_OF_ORDER", "It is said to be earlier than the row before."
    TICKET_DIFFERS = "TICKET_DIFFERS", "The ticket is known with other rows, and was left alone."
    NUMBER_TAKEN = (
        "NUMBER_TAKEN",
        "A ticket that did not come from here has the number, or will have it.",
    )


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was left out."""

    fault: RowFault


Item = RecordedTicket | RejectedRow | RowFault


class _Wrong(Exception):
    """The row cannot be used because of this field."""

    def __init__(self, column: str, code: FaultCode, value: str) -> None:
        super().__init__(column, code, value)
        self.column, self.code, self.value = column, code, value


@dataclass(frozen=True, slots=True)
class _Row:
    """A row whose entry could be read, with what it says of the whole ticket."""

    entry: RecordedEntry
    said: Mapping[str, str]


def read(file: CsvFile) -> Iterator[Item]:
    """Tickets in the order of the file, and what was remarked on their rows before each.

    Raises:
        UnreadableFile: it is damaged, or lacks a column that is needed.
    """
    rows = file.rows()
    header = next(rows, None)
    names = list(header.fields or ()) if header else []
    for name in NEEDED:
        if name not in names:
            raise UnreadableFile(file.name, f"it has no column {name}.")
    columns = {name: names.index(name) for name in (*NEEDED, *NOTED) if name in names}
    reading = _Reading(file.name, len(names), columns)
    for _, group in groupby(rows, key=reading.number_of):
        yield from reading.ticket(group)


class _Reading:
    def __init__(self, file: str, width: int, columns: Mapping[str, int]) -> None:
        self._file = file
        self._width = width
        self._columns = columns

    def number_of(self, row: CsvRow) -> str | None:
        """The number of the incident of a row. None: nobody can tell."""
        at = self._columns["number"]
        return row.fields[at].strip() if row.fields and at < len(row.fields) else None

    def ticket(self, rows: Iterator[CsvRow]) -> Iterator[Item]:
        """What the rows of one incident come to."""
        kept: list[_Row] = []
        digest = sha256()
        for each in rows:
            try:
                if len(kept) >= ENTRIES_MAX:
                    raise _Wrong("number", FaultCode.TOO_MANY_ROWS, str(ENTRIES_MAX))
                kept.append(self._row(each))
            except _Wrong as wrong:
                yield RejectedRow(self._fault(each.line, wrong, Severity.ERROR))
                continue
            digest.update(_told(each))
            yield from self._remarks(kept)
        if kept:
            yield _ticket(kept, digest.hexdigest())

    def _row(self, row: CsvRow) -> _Row:
        if row.fields is None:
            raise _Wrong("", FaultCode.MALFORMED_CSV, "")
        if len(row.fields) != self._width:
            raise _Wrong("", FaultCode.FIELD_COUNT, str(len(row.fields)))
        said = {name: row.fields[at].strip() for name, at in self._columns.items()}
        _check_texts(said)
        _time("opened_at", said["opened_at"])
        code = said["incident_state"]
        entry = RecordedEntry(
            line=row.line,
            at=_time("sys_updated_at", said["sys_updated_at"]),
            revision=_count("sys_mod_count", said["sys_mod_count"]),
            state_code=code,
            status=STATES.get(code),
            priority=PRIORITIES.get(said["priority"][:1], TicketPriority.NORMAL),
            team=_named(said["assignment_group"]),
            assignee=_named(said["assigned_to"]),
            actor=_named(said["sys_updated_by"]),
            reopened=_count("reopen_count", said["reopen_count"]),
            is_missed=not _flag("made_sla", said["made_sla"]),
        )
        return _Row(entry, said)

    def _remarks(self, kept: Sequence[_Row]) -> Iterator[RowFault]:
        """What is strange about the last row, and yet taken over."""
        row = kept[-1]
        said, line = row.said, row.entry.line
        if row.entry.status is None:
            yield self._warned(line, "incident_state", FaultCode.UNKNOWN_STATE, said)
        if said["priority"][:1] not in PRIORITIES:
            yield self._warned(line, "priority", FaultCode.UNKNOWN_PRIORITY, said)
        if said["contact_type"] not in SOURCES:
            yield self._warned(line, "contact_type", FaultCode.UNKNOWN_SOURCE, said)
        if len(kept) > 1 and kept[-2].entry.at > row.entry.at:
            yield self._warned(line, "sys_updated_at", FaultCode.OUT_OF_ORDER, said)

    def _warned(self, line: int, column: str, code: FaultCode, said: Mapping[str, str]) -> RowFault:
        return self._fault(line, _Wrong(column, code, said[column]), Severity.WARNING)

    def _fault(self, line: int, wrong: _Wrong, severity: Severity) -> RowFault:
        shown = wrong.value.encode(errors="backslashreplace").decode()
        action = RowAction.REJECTED if severity is Severity.ERROR else RowAction.IMPORTED
        return RowFault(self._file, line, wrong.column, wrong.code, severity, shown, action)


def _told(row: CsvRow) -> bytes:
    """All that a row says, columns of which nothing is known too, whatever bytes they hold."""
    return "\x1f".join(row.fields or ()).encode(errors="surrogateescape") + b"\x1e"


def _ticket(rows: Sequence[_Row], digest: str) -> RecordedTicket:
    last = rows[-1].said
    what = [text for name in NOTED[:2] if (text := _named(last.get(name, _NOTHING)))]
    note = [f"{name}: {text}" for name in NOTED if (text := _named(last.get(name, _NOTHING)))]
    return RecordedTicket(
        number=last["number"],
        digest=digest,
        subject=(", ".join(what) or last["number"])[:NAME_LENGTH_MAX],
        note="\n".join(note) or last["number"],
        source=SOURCES.get(last["contact_type"], TicketSource.IMPORT),
        caller=_named(last["caller_id"]),
        opened_at=_time("opened_at", rows[0].said["opened_at"]),
        entries=tuple(each.entry for each in rows),
    )


def _check_texts(said: Mapping[str, str]) -> None:
    number = said["number"]
    if not number or number == _NOTHING or len(number) > NUMBER_LENGTH_MAX:
        raise _Wrong("number", FaultCode.BAD_NUMBER, number)
    together = "".join(said.values())
    if together.isascii() and together.isprintable() and len(together) <= CODE_LENGTH_MAX:
        return
    for name, value in said.items():
        most = CODE_LENGTH_MAX if name == "incident_state" else NAME_LENGTH_MAX
        if len(value) > most or not value.isprintable():
            raise _Wrong(name, FaultCode.BAD_TEXT, value)


def _named(text: str) -> str | None:
    return None if text in ("", _NOTHING) else text


def _flag(column: str, text: str) -> bool:
    if text not in _FLAGS:
        raise _Wrong(column, FaultCode.BAD_FLAG, text)
    return _FLAGS[text]


def _count(column: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and int(text) <= COUNT_MAX):
        raise _Wrong(column, FaultCode.BAD_NUMBER, text)
    return int(text)


def _time(column: str, text: str) -> datetime:
    found = _parsed(text)
    if found is None:
        raise _Wrong(column, FaultCode.BAD_TIME, text)
    return found


@lru_cache(maxsize=65_536)
def _parsed(text: str) -> datetime | None:
    try:
        day, clock = text.split(" ")
        d, m, y = map(int, day.split("/"))
        hour, minute = map(int, clock.split(":"))
        found = datetime(y, m, d, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
    return found if 1970 <= y <= 2099 else None
