"""Where rows belong: by which columns a row is found to be of a channel, a location or a team.

A place is declared once per table. What a bounded caller may see of the table is made of it: a
condition of SQL, in the words of either database.

Ways are written as short texts: `channel_id` is a column of the table itself, `order_id>orders`
the column that names the row of another table which the place is that of. Of several, parted by
`|`, any will do; one that ends in `?` may be NULL, and then the row is everybody's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from backoffice_api.domain.kernel.reach import Bounds, Dimension, NotToldApart, OutOfReach
from backoffice_api.domain.kernel.scopes import Scope

FREE: Final = ""
"""The way of a table whose rows say nothing of a dimension: a bound leaves them as they are."""

_FALSE = "1 = 0"


@dataclass(frozen=True, slots=True)
class Place:
    """Under which right the rows of a table are seen, and the way by each dimension.

    A dimension that is lacking is closed: who is bounded by it sees nothing of the table at all.
    `everybodys`: rows that all see who see any.
    """

    scope: Scope
    ways: Mapping[Dimension, str]
    everybodys: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Pointer:
    """A table whose rows are about a row of any kind: seen by whoever sees that row.

    `kind` is the column with the prefix of its id, `id` the one with the id. Who holds `scope` for
    a part only sees no row about a kind that he may not read at all.
    """

    kind: str
    id: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Own:
    """A table of which a bounded caller sees what he made himself."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Part:
    """A table whose rows are seen with the row of another table that `column` names."""

    column: str
    of: str


Placing = Place | Pointer | Own | Part


@dataclass(frozen=True, slots=True)
class Places:
    """All that is declared. `free`: tables that say nothing of any dimension.

    `kinds`: the table of each prefix of ids; `free_kinds`: the right under which those are seen
    that have no place. A table that stands nowhere is closed.
    """

    placed: Mapping[str, Placing]
    free: frozenset[str]
    kinds: Mapping[str, str]
    free_kinds: Mapping[str, Scope]


@dataclass(frozen=True, slots=True)
class Words:
    """How one database writes what is needed: a table past all that stands in its place, an id."""

    schema: str
    is_postgresql: bool

    def table(self, name: str) -> str:
        return f'"{self.schema}".{name}'

    def id(self, id: UUID) -> str:
        return f"CAST('{id}' AS uuid)" if self.is_postgresql else f"x'{id.hex}'"

    def among(self, column: str, ids: Iterable[UUID]) -> str:
        listed = ", ".join(self.id(each) for each in sorted(ids))
        return f"{column} IN ({listed})" if listed else _FALSE

    def is_within(self, path: str, ids: Iterable[UUID]) -> str:
        """Whether one of the locations is on the path from the site down to itself."""
        find = "strpos" if self.is_postgresql else "instr"
        parts = [f"{find}({path}, '{each.hex}/') > 0" for each in sorted(ids)]
        return f"({' OR '.join(parts)})" if parts else _FALSE


@dataclass(slots=True)
class Conditions:
    """Makes the conditions for one caller. `bounds_of`: those of each right, or none.

    `owner`: the kind and the id of the caller, for what is his own. `is_strict`: what is
    everybody's to see is nobody's to change. `held`: the rights of the caller.
    """

    places: Places
    words: Words
    bounds_of: Mapping[Scope, Sequence[Bounds]]
    owner: tuple[str, UUID | None] = ("", None)
    is_strict: bool = False
    held: frozenset[Scope] = frozenset()
    _aliases: int = field(default=0)

    def of(self, table: str, alias: str) -> str | None:
        """What holds for those rows of a table that the caller sees. None: all of them do.

        Raises:
            OutOfReach, NotToldApart: the table is closed to such a caller.
        """
        if table in self.places.free:
            return None
        match self.places.placed.get(table):
            case Place() as place:
                return self._of_place(table, place, alias)
            case Pointer() as pointer:
                return self._of_pointer(pointer, alias)
            case Own(kind, id):
                name, owner = self.owner
                return f"({alias}.{kind} = '{name}' AND {self._is(f'{alias}.{id}', owner)})"
            case Part(column, of):
                inner = self._alias()
                condition = self.of(of, inner)
                return condition and self._exists(of, inner, f"{alias}.{column}", condition)
        raise NotToldApart

    def within(self, table: str, alias: str, bounds: Bounds) -> str | None:
        """What holds for the rows of a placed table that are within the bounds.

        Raises:
            OutOfReach: its rows are not told apart by one of the dimensions.
        """
        match self.places.placed.get(table):
            case Place(scope=scope, ways=ways):
                parts = []
                for dimension in Dimension:
                    if (ids := bounds.of(dimension)) is None:
                        continue
                    if dimension not in ways:
                        raise OutOfReach(scope.value)
                    if ways[dimension] is not FREE:
                        parts.append(self._by(dimension, ids, ways[dimension], alias))
                return " AND ".join(parts) or None
            case Part(column, of):
                inner = self._alias()
                condition = self.within(of, inner, bounds)
                return condition and self._exists(of, inner, f"{alias}.{column}", condition)
        return None

    def _of_place(self, table: str, place: Place, alias: str) -> str | None:
        given = self.bounds_of.get(place.scope, ())
        found: list[str] = []
        closed: OutOfReach | None = None
        for bounds in given:
            try:
                condition = self.within(table, alias, bounds)
            except OutOfReach as refusal:
                closed = refusal
                continue
            if condition is None:
                return None
            found.append(condition)
        if found:
            if place.everybodys:
                found.append(self.words.among(f"{alias}.id", place.everybodys))
            return f"({' OR '.join(dict.fromkeys(found))})"
        if closed is not None:
            raise closed
        return None

    def _of_pointer(self, pointer: Pointer, alias: str) -> str | None:
        kind, id = f"{alias}.{pointer.kind}", f"{alias}.{pointer.id}"
        is_partial = bool(self.bounds_of.get(pointer.scope))
        told_apart: list[str] = []
        seen: list[str] = []
        for prefix, table in self.places.kinds.items():
            if is_partial and not self._is_held(table):
                told_apart.append(prefix)
                continue
            inner = self._alias()
            try:
                condition = self.of(table, inner)
            except (NotToldApart, OutOfReach):
                told_apart.append(prefix)
                continue
            if condition is not None:
                told_apart.append(prefix)
                found = self._exists(table, inner, id, condition)
                seen.append(f"({kind} = '{prefix}' AND {found})")
        if is_partial:
            free = [each for each, scope in self.places.free_kinds.items() if scope in self.held]
            whole = [each for each in self.places.kinds if each not in told_apart]
            return f"({' OR '.join([_among(kind, [*free, *whole]), *seen])})"
        if not told_apart:
            return None
        return f"({' OR '.join([f'NOT {_among(kind, told_apart)}', *seen])})"

    def _is_held(self, table: str) -> bool:
        """Whether the caller may read such rows at all. His own he may."""
        placing = self.places.placed[table]
        while isinstance(placing, Part):
            placing = self.places.placed[placing.of]
        return not isinstance(placing, Place) or placing.scope in self.held

    def _by(self, dimension: Dimension, ids: Iterable[UUID], ways: str, alias: str) -> str:
        found = [self._by_way(dimension, ids, way, alias) for way in ways.split("|")]
        return found[0] if len(found) == 1 else f"({' OR '.join(found)})"

    def _by_way(self, dimension: Dimension, ids: Iterable[UUID], way: str, alias: str) -> str:
        way, or_null = way.removesuffix("?"), way.endswith("?") and not self.is_strict
        column, _, table = way.partition(">")
        inner = self._alias()
        if table:
            place = self.places.placed[table]
            assert isinstance(place, Place), "a way leads to what has a place itself"
            condition = self._by(dimension, ids, place.ways[dimension], inner)
            found = self._exists(table, inner, f"{alias}.{column}", condition)
        elif dimension is Dimension.LOCATION:
            condition = self.words.is_within(f"{inner}.path", ids)
            found = self._exists("stock_locations", inner, f"{alias}.{column}", condition)
        else:
            found = self.words.among(f"{alias}.{column}", ids)
        return f"({alias}.{column} IS NULL OR {found})" if or_null else found

    def _exists(self, table: str, alias: str, id: str, condition: str) -> str:
        return (
            f"EXISTS (SELECT 1 FROM {self.words.table(table)} AS {alias} "  # noqa: S608  # nosec B608
            f"WHERE {alias}.id = {id} AND {condition})"
        )

    def _is(self, column: str, id: UUID | None) -> str:
        return f"{column} IS NULL" if id is None else f"{column} = {self.words.id(id)}"

    def _alias(self) -> str:
        self._aliases += 1
        return f"_r{self._aliases}"


def _among(column: str, texts: Iterable[str]) -> str:
    """Whether a column holds one of these words of ours."""
    listed = ", ".join(f"'{each}'" for each in texts)
    return f"{column} IN ({listed})" if listed else _FALSE
