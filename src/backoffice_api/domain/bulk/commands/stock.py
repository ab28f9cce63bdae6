"""Rows about stock: how many pieces there are to be at a location, never by how many more.

So a file may be imported twice. All rows of a batch are one adjustment; if some of them are
refused, the others are adjusted without them.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from backoffice_api.domain.bulk.commands.applying import Rows, VariantsByName, needed, values
from backoffice_api.domain.bulk.model.fields import ReadRow
from backoffice_api.domain.bulk.model.remarks import (
    Ending,
    FieldNeeded,
    RepeatedRow,
    UnknownLocationCode,
)
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.stock import queries
from backoffice_api.domain.stock.commands.levels import (
    AdjustStock,
    SetSafety,
    adjust_stock,
    set_safety,
)
from backoffice_api.domain.stock.model.levels import (
    AdjustLine,
    AdjustmentKind,
    SafetyLine,
    SafetySet,
    StockAdjusted,
)

Place = tuple[UUID, UUID]


class StockRows(Rows):
    """A level in each row."""

    def prepare(self, rows: Sequence[ReadRow]) -> None:
        self.variants = VariantsByName(self.uow, rows)
        codes = {code.strip() for code in values(rows, "location")}
        self.locations = queries.locations_by_codes(self.uow.db, codes)

    def apply(self, rows: Sequence[ReadRow]) -> None:
        self.prepare(rows)
        placed: dict[Place, ReadRow] = {}
        for row in rows:
            try:
                place = self._place(row)
                if place in placed:
                    raise RepeatedRow()
                placed[place] = row
            except DomainError as refusal:
                self.results.reject(row, refusal.reasons())
        told = len(self.uow.told)
        placed = self._without_refused(placed, self._adjust)
        placed = self._without_refused(placed, self._protect)
        changed = {
            (each.event.variant_id, each.event.location_id)
            for each in self.uow.told[told:]
            if isinstance(each.event, StockAdjusted | SafetySet)
        }
        for place, row in placed.items():
            self.results.end(row, Ending.CHANGED if place in changed else Ending.UNCHANGED)

    def each(self, row: ReadRow) -> None:
        self.apply([row])

    def _place(self, row: ReadRow) -> Place:
        """Raises: UnknownVariant, UnknownLocationCode, FieldNeeded."""
        given = row.given
        code = needed(given, "location").strip()
        if code not in self.locations:
            raise UnknownLocationCode(code).at("location")
        if given.get("on_hand") is None and given.get("safety") is None:
            raise FieldNeeded("on_hand").at("on_hand")
        return self.variants.get(given).id, self.locations[code].id

    def _without_refused(
        self, placed: dict[Place, ReadRow], write: Callable[[dict[Place, ReadRow]], Any]
    ) -> dict[Place, ReadRow]:
        """Write the rows, without those that are refused. The rows that are left."""
        left = dict(placed)
        while left and (refusal := self.tried(lambda: write(left))):
            refused: dict[Place, list[DomainError]] = {}
            order = self._order(left, write)
            for reason in refusal.reasons():
                at = next((part for part in reason.path if isinstance(part, int)), None)
                for place in order if at is None else [order[at]]:
                    refused.setdefault(place, []).append(reason)
            for place, reasons in refused.items():
                self.results.reject(left.pop(place), reasons)
        return left

    def _order(
        self, placed: dict[Place, ReadRow], write: Callable[[dict[Place, ReadRow]], Any]
    ) -> Sequence[Place]:
        """The places of the lines that `write` makes, in their order."""
        field = "on_hand" if write == self._adjust else "safety"
        return [place for place, row in placed.items() if row.given.get(field) is not None]

    def _adjust(self, placed: dict[Place, ReadRow]) -> None:
        lines = tuple(
            AdjustLine(
                variant_id=place[0],
                location_id=place[1],
                set_to=row.given["on_hand"],
                expected_on_hand=row.given.get("expected_on_hand"),
            )
            for place, row in placed.items()
            if row.given.get("on_hand") is not None
        )
        if lines:
            self.do(adjust_stock, AdjustStock(kind=AdjustmentKind.COUNT, lines=lines))

    def _protect(self, placed: dict[Place, ReadRow]) -> None:
        lines = tuple(
            SafetyLine(variant_id=place[0], location_id=place[1], safety=row.given["safety"])
            for place, row in placed.items()
            if row.given.get("safety") is not None
        )
        if lines:
            self.do(set_safety, SetSafety(lines=lines))
