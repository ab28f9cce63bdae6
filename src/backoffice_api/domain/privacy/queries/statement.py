"""What an export of a person says: every row of every place, column by column, as plain data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, LargeBinary, Table, select

from backoffice_api.domain.kernel.events import COSTS, plain
from backoffice_api.domain.kernel.personal import PersonalClass, class_of
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.orders.tables import order_lines
from backoffice_api.domain.privacy.queries.reached import rows_of
from backoffice_api.domain.privacy.queries.registry import Place, places

ROWS_AT_ONCE = 500

# Of no use to a person, or none of theirs: digests, what the shop paid, how it counts.
_INTERNAL = frozenset({"version", "horizon", "score", "attempts", "quoted_minor"})
_INTERNAL_ENDINGS = ("hash", "digest", "sha256", "_key", "_file", "cost_minor", "cost_micro")
# What the shop is asked for by carriers is in these, too: of them, only what is personal.
_OF_CARRIERS = frozenset(
    {"carrier_claims", "rate_candidates", "rate_quotes", "return_labels", "shipments"}
)
_COSTS = frozenset({"costs", COSTS})


@dataclass(frozen=True, slots=True)
class Part:
    """A place as an export shows it: its columns, and of which class they are, if of any."""

    place: Place
    columns: Sequence[Column[Any]]

    @property
    def classes(self) -> Mapping[str, PersonalClass]:
        found = {str(each.name): class_of(each) for each in self.columns}
        return {name: kind for name, kind in found.items() if kind is not None}


def parts() -> Sequence[Part]:
    """What an export shows: each place with personal columns, and what was ordered."""
    return [
        Part(place, [each for each in place.table.columns if _is_shown(each)])
        for place in places()
        if place.columns or place.table is order_lines
    ]


def rows(db: Connection, part: Part, run_id: UUID) -> Iterator[Mapping[str, Any]]:
    """The gathered rows of a part, as JSON keeps them; read in parts, never all at once."""
    table: Table = part.place.table
    statement = (
        select(*part.columns)
        .where(rows_of(part.place, run_id, held=None))
        .order_by(*table.primary_key.columns)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    names = [str(each.name) for each in part.columns]
    for row in db.execute(statement):
        yield {
            name: _shown(value)
            for name, value in zip(names, row, strict=True)
            if value is not None and value != ""
        }


def _is_shown(column: Column[Any]) -> bool:
    if (kind := class_of(column)) is not None:
        # Who of the staff it was is no data of the customer (GDPR art. 15(4)).
        return kind is not PersonalClass.STAFF and column.name not in _INTERNAL
    if column.table.name in _OF_CARRIERS:
        return column.primary_key or column.name == "created_at"
    if isinstance(column.type, LargeBinary) and not isinstance(column.type, Id):
        return False
    return column.name not in _INTERNAL and not column.name.endswith(_INTERNAL_ENDINGS)


def _shown(value: Any) -> Any:
    """As JSON keeps it, without what things cost the shop."""
    return _without_costs(plain(value))


def _without_costs(value: Any) -> Any:
    match value:
        case dict():
            return {
                name: _without_costs(each) for name, each in value.items() if name not in _COSTS
            }
        case list():
            return [_without_costs(each) for each in value]
        case _:
            return value
