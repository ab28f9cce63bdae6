"""Rows about stock: how many pieces there are to be at a location, never by how many more.

So a file may be imported twice. All rows of a batch that differ are one adjustment; if some of
them are refused, the others are adjusted without them. What is tracked has a row for each lot or
serial number; one that names none is refused. Costs are of pieces that come in.
"""

from collections.abc import Callable, Sequence
from functools import partial

from backoffice_api.domain.bulk.commands.applying import Rows, VariantsByName, needed, values
from backoffice_api.domain.bulk.commands.drafting import price_of
from backoffice_api.domain.bulk.model.fields import ReadRow
from backoffice_api.domain.bulk.model.remarks import (
    Ending,
    FieldNeeded,
    RepeatedRow,
    UnknownLocationCode,
)
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import UnitPrice
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
from backoffice_api.domain.stock.model.lots import LotDraft
from backoffice_api.domain.stock.queries.lots import lots_at_levels

# A level, or a lot at one, by its code.
Spot = tuple[Place, str | None]


class StockRows(Rows):
    """A level in each row: a variant, a location and a bucket; perhaps a lot of it."""

    def prepare(self, rows: Sequence[ReadRow]) -> None:
        self.variants = VariantsByName(self.uow, rows)
        codes = {code.strip() for code in values(rows, "location")}
        self.locations = queries.locations_by_codes(self.uow.db, codes)
        # What a piece of each row cost, by its line.
        self.costs: dict[int, UnitPrice] = {}

    def apply(self, rows: Sequence[ReadRow]) -> None:
        self.prepare(rows)
        placed: dict[Spot, ReadRow] = {}
        for row in rows:
            try:
                spot = self._spot(row)
                if spot in placed:
                    raise RepeatedRow()
                placed[spot] = row
            except DomainError as refusal:
                self.results.reject(row, refusal.reasons())
        ids = queries.level_ids_by_places(self.uow.db, {place for place, _ in placed})
        levels = queries.levels_by_ids(self.uow.db, ids.values())
        self.levels = {place: levels[id] for place, id in ids.items()}
        self.lots: dict[Spot, int] = {}
        if any(lot for _, lot in placed):
            there = lots_at_levels(self.uow.db, ids.values())
            for place, id in ids.items():
                self.lots |= {(place, lot.code): pieces for lot, pieces in there.get(id, ())}
        for spot, row in placed.items():
            self.results.end(row, Ending.UNCHANGED)
            if self._differs(spot, row, "on_hand") or self._differs(spot, row, "safety"):
                self.results.end(row, Ending.CHANGED)
        left = self._without_refused(placed, "on_hand", self._adjust)
        self._without_refused(left, "safety", self._protect)

    def each(self, row: ReadRow) -> None:
        self.apply([row])

    def _spot(self, row: ReadRow) -> Spot:
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
        if (cost := given.get("unit_cost")) is not None:
            currency = given.get("currency") or self.run.currency or needed({}, "currency")
            if found := price_of(cost, currency):
                self.costs[row.line] = found
        place = Place(self.variants.get(given).id, self.locations[code].id, bucket)
        return place, given.get("lot")

    def _differs(self, spot: Spot, row: ReadRow, field: str) -> bool:
        """Whether the level, or the lot, is not as the row says, or not as it expects."""
        wanted, expected = row.given.get(field), row.given.get("expected_on_hand")
        place, lot = spot
        if lot is not None:
            # Safety is of a level, which other rows are of, too.
            present = self.lots.get(spot, 0) if field == "on_hand" else wanted
        else:
            present = getattr(self.levels[place], field) if place in self.levels else 0
        if field == "on_hand" and expected is not None and wanted is not None:
            return bool(expected != present or wanted != present)
        return wanted is not None and bool(wanted != present)

    def _without_refused(
        self,
        placed: dict[Spot, ReadRow],
        field: str,
        write: Callable[[dict[Spot, ReadRow]], object],
    ) -> dict[Spot, ReadRow]:
        """Write the rows that differ, without those that are refused. The rows that are left."""
        left = dict(placed)
        while lines := {spot: row for spot, row in left.items() if self._differs(spot, row, field)}:
            refusal = self.tried(partial(write, lines))
            if refusal is None:
                break
            refused: dict[Spot, list[DomainError]] = {}
            order = list(lines)
            for reason in refusal.reasons():
                at = next((part for part in reason.path if isinstance(part, int)), None)
                for spot in order if at is None else [order[at]]:
                    refused.setdefault(spot, []).append(reason)
            for spot, reasons in refused.items():
                self.results.reject(left.pop(spot), reasons)
        return left

    def _adjust(self, placed: dict[Spot, ReadRow]) -> None:
        lines = tuple(
            AdjustLine(
                variant_id=place.variant_id,
                location_id=place.location_id,
                bucket=place.bucket,
                lot=_named(lot, row),
                set_to=row.given["on_hand"],
                expected_on_hand=row.given.get("expected_on_hand"),
                unit_cost=self.costs.get(row.line),
            )
            for (place, lot), row in placed.items()
        )
        self.do(adjust_stock, AdjustStock(kind=AdjustmentKind.COUNT, lines=lines))

    def _protect(self, placed: dict[Spot, ReadRow]) -> None:
        lines = tuple(
            SafetyLine(
                variant_id=place.variant_id,
                location_id=place.location_id,
                safety=row.given["safety"],
            )
            for (place, _), row in placed.items()
        )
        self.do(set_safety, SetSafety(lines=lines))


def _named(lot: str | None, row: ReadRow) -> LotDraft | None:
    return LotDraft(code=lot, expires_on=row.given.get("expires_on")) if lot else None
