"""Which orders came of which: by splitting and by merging, however often."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, or_, select

from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.orders.tables import orders

_of = orders.c


@dataclass(frozen=True, slots=True)
class Related:
    """An order, into which it went, and of which it was a part."""

    id: UUID
    merged_into_id: UUID | None
    split_from_id: UUID | None


def related(db: Connection, id: UUID) -> Mapping[UUID, Related]:
    """The order itself, and all that are related to it. One statement for each generation."""
    found: dict[UUID, Related] = {}
    todo = {id}
    while todo:
        near = (
            among(_of.id, todo),
            among(_of.merged_into_id, todo),
            among(_of.split_from_id, todo),
        )
        statement = select(_of.id, _of.merged_into_id, _of.split_from_id).where(or_(*near))
        seen = [Related(*row) for row in db.execute(statement)]
        known = set(found)
        found.update({each.id: each for each in seen})
        ways = {way for each in seen for way in (each.id, each.merged_into_id, each.split_from_id)}
        todo = {way for way in ways if way is not None and way not in known} - todo
    return found


def sources(of: Mapping[UUID, Related], id: UUID, *, merged_only: bool = False) -> Set[UUID]:
    """The order, and those that it or a part of it once was. `merged_only`: that went into it."""
    found, todo = set[UUID](), {id}
    while todo:
        found |= todo
        more = {each.id for each in of.values() if each.merged_into_id in todo}
        if not merged_only:
            more |= {whole for each in todo if (whole := of[each].split_from_id)}
        todo = more - found
    return found
