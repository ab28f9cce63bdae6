"""Rows about stock: how many pieces there are to be at a location, never by how many more.

So a file may be imported twice. All rows of a batch that differ are one adjustment; if some of
them are refused, the others are adjusted without them. What is tracked by lots is counted by lots,
not here: a row that would change it is refused.
"""

from collections.abc import Callable, Sequence
from functools import partial

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
from backoffice_api.domain.stock.model.buckets import Bucket, WrongBucket
from backoffice_api.domain.stock.model.levels import (
    AdjustLine,
    AdjustmentKind,
    Place,
    SafetyLine,
)


class StockRows(Rows):
    """A level in each row: a variant, a location and a bucket."""

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
        ids = queries.level_ids_by_places(self.uow.db, placed)
        levels = queries.levels_by_ids(self.uow.db, ids.values())
        self.levels = {place: levels[id] for place, id in ids.items()}
        for place, row in placed.items():
            self.results.end(row, Ending.UNCHANGED)
            if self._differs(place, row, "on_hand") or self._differs(place, row, "safety"):
                self.results.end(row, Ending.CHANGED)
        left = self._without_refused(placed, "on_hand", self._adjust)
        self._without_refused(left, "safety", self._protect)

    def each(self, row: ReadRow) -> None:
        self.apply([row])

    def _place(self, row: ReadRow) -> Place:
        """Raises: UnknownVariant, UnknownLocationCode, FieldNeeded, WrongBucket."""
        given = row.given
        code = needed(given, "location").strip()
        if code not in self.locations:
            raise UnknownLocationCode(code).at("location")
        if given.get("on_hand") is None and given.get("safety") is None:
            raise FieldNeeded("on_hand").at("on_hand")
        bucket = given.get("bucket") or Bucket.SELLABLE
        if given.get("safety") and bucket is not Bucket.SELLABLE:
            raise WrongBucket(bucket).at("safety")
        return Place(self.variants.get(given).id, self.locations[code].id, bucket)

    def _differs(self, place: Place, row: ReadRow, field: str) -> bool:
        """Whether the level is not as the row says, or not as it expects."""
        wanted, expected = row.given.get(field), row.given.get("expected_on_hand")
        present = getattr(self.levels[place], field) if place in self.levels else 0
        if field == "on_hand" and expected is not None and wanted is not None:
            return bool(expected != present or wanted != present)
        return wanted is not None and bool(wanted != present)

    def _without_refused(
        self,
        placed: dict[Place, ReadRow],
        field: str,
        write: Callable[[dict[Place, ReadRow]], object],
    ) -> dict[Place, ReadRow]:
        """Write the rows that differ, without those that are refused. The rows that are left."""
        left = dict(placed)
        while lines := {
            place: row for place, row in left.items() if self._differs(place, row, field)
        }:
            refusal = self.tried(partial(write, lines))
            if refusal is None:
                break
            refused: dict[Place, list[DomainError]] = {}
            order = list(lines)
            for reason in refusal.reasons():
                at = next((part for part in reason.path if isinstance(part, int)), None)
                for place in order if at is None else [order[at]]:
                    refused.setdefault(place, []).append(reason)
            for place, reasons in refused.items():
                self.results.reject(left.pop(place), reasons)
        return left

    def _adjust(self, placed: dict[Place, ReadRow]) -> None:
        lines = tuple(
            AdjustLine(
                variant_id=place.variant_id,
                location_id=place.location_id,
                bucket=place.bucket,
                set_to=row.given["on_hand"],
                expected_on_hand=row.given.get("expected_on_hand"),
            )
            for place, row in placed.items()
        )
        self.do(adjust_stock, AdjustStock(kind=AdjustmentKind.COUNT, lines=lines))

    def _protect(self, placed: dict[Place, ReadRow]) -> None:
        lines = tuple(
            SafetyLine(
                variant_id=place.variant_id,
                location_id=place.location_id,
                safety=row.given["safety"],
            )
            for place, row in placed.items()
        )
        self.do(set_safety, SetSafety(lines=lines))
