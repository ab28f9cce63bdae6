"""What is remarked on rows: collected while a batch is applied, bounded in what is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice_api.domain.bulk.model.fields import ReadRow
from backoffice_api.domain.bulk.model.runs import (
    REPORTED_PER_CODE_MAX,
    VALUE_SHOWN_MAX,
    Tally,
)
from backoffice_api.domain.bulk.model.values import is_empty, text
from backoffice_api.domain.integrations.model import RowAction, Severity
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import DomainError, Invalid
from backoffice_api.domain.kernel.texts import storable

UNKNOWN_COLUMN = "UNKNOWN_COLUMN"
TITLE_MISSING = "TITLE_MISSING"
BARCODE_TAKEN = "BARCODE_TAKEN"

# Parts of a refusal's path, and the fields of a file that stand for them, best first.
_STANDS_FOR: Mapping[str, tuple[str, ...]] = {
    "variant_id": ("variant_id", "sku"),
    "location_id": ("location",),
    "delta": ("on_hand",),
    "set_to": ("on_hand",),
    "prices": ("prices", "price"),
    "unit_price": ("line_unit_price", "price"),
    "quantity": ("line_quantity",),
    "option_values": ("option_values", "option1_value"),
    "option_names": ("option_names", "option1_name"),
    "external_ids": ("external_ids", "variant_external_ids", "product_key", "customer_key"),
    "lines": ("address1",),
    "channel": ("channel",),
}


class Ending(Choice):
    """How a row ended."""

    CREATED = "created", "Something was made of it."
    CHANGED = "changed", "Something that was there is now as it says."
    UNCHANGED = "unchanged", "Everything was as it says already."
    REJECTED = "rejected", "It was refused."


@dataclass(eq=False)
class FieldNeeded(Invalid):
    """A row lacks what it needs."""

    field: str
    message = "A row needs a value for {field}."


@dataclass(eq=False)
class RepeatedRow(Invalid):
    """An earlier row of the file, close by, is about the same thing."""

    message = "An earlier row is about the same."


@dataclass(eq=False)
class UnknownLocationCode(Invalid):
    """There is no location with this code."""

    location: str
    message = "There is no location {location!r:.90}."


@dataclass(eq=False)
class UnknownPriceListCode(Invalid):
    """There is no price list with this code."""

    price_list: str
    message = "There is no price list {price_list!r:.90}."


@dataclass(frozen=True, slots=True)
class RowRemark:
    """A remark on one row. `column` is the title in the file; empty if it is the row as a whole."""

    line: int
    column: str
    code: str
    severity: Severity
    value: str
    action: RowAction


class Results:
    """How the rows of one batch ended, and what is to be remarked on them."""

    def __init__(self, header: Sequence[str], fields: Sequence[str | None]) -> None:
        self._titles = {field: title for title, field in zip(header, fields, strict=True) if field}
        self._places = {field: place for place, field in enumerate(fields) if field}
        self._endings: dict[int, Ending] = {}
        self.remarks: list[RowRemark] = []
        self.rejected: list[ReadRow] = []

    def end(self, row: ReadRow, ending: Ending) -> None:
        self._endings[row.line] = ending

    def reject(self, row: ReadRow, faults: Iterable[DomainError], field: str = "") -> None:
        """The row does not go in. `field`: where the fault is, if its path does not say."""
        self.end(row, Ending.REJECTED)
        self.rejected.append(row)
        for fault in faults:
            place = field or self._field_at(fault.path)
            self.remark(row, place, fault.code, Severity.ERROR, RowAction.REJECTED)

    def remark(
        self, row: ReadRow, field: str, code: str, severity: Severity, action: RowAction
    ) -> None:
        cells, place = row.raw.cells, self._places.get(field)
        cell = cells[place] if place is not None and place < len(cells) else None
        shown = "" if is_empty(cell) else storable(text(cell)[:VALUE_SHOWN_MAX])
        title = self._titles.get(field, "")
        self.remarks.append(RowRemark(row.line, title, code, severity, shown, action))

    def tally(self) -> Tally:
        ended = list(self._endings.values())
        return Tally(**{each.value: ended.count(each) for each in Ending})

    def _field_at(self, path: Sequence[str | int]) -> str:
        for part in reversed(path):
            if isinstance(part, str):
                for field in (part, f"line_{part}", *_STANDS_FOR.get(part, ())):
                    if field in self._places:
                        return field
        return ""


@dataclass(frozen=True, slots=True)
class Summed:
    """The summary of all remarks so far, and those of the new ones that are to be kept."""

    summary: Sequence[Mapping[str, Any]]
    kept: Sequence[RowRemark]
    kept_before: int


def summed(before: Sequence[Mapping[str, Any]], remarks: Sequence[RowRemark]) -> Summed:
    """Count remarks by code, and keep the first ones of each."""
    counts: dict[tuple[str, str, str], int] = {
        (each["code"], each["severity"], each["action"]): each["rows"] for each in before
    }
    kept_before = sum(min(count, REPORTED_PER_CODE_MAX) for count in counts.values())
    kept = []
    for each in remarks:
        key = (each.code, each.severity.value, each.action.value)
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= REPORTED_PER_CODE_MAX:
            kept.append(each)
    order = [each.value for each in reversed(Severity)]
    summary = [
        {"code": code, "severity": severity, "action": action, "rows": rows}
        for (code, severity, action), rows in sorted(
            counts.items(), key=lambda item: (order.index(item[0][1]), item[0][0])
        )
    ]
    return Summed(summary, kept, kept_before)
