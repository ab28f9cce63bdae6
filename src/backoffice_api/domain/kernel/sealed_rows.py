"""All sealed columns of all tables: which keys they are sealed with, and sealing them anew.

The tables themselves say where sealed values are. A row per key says which keys have been used
in this database, with a text sealed by each: a program with other keys finds out at once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    Select,
    String,
    Table,
    Text,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    null,
    select,
    tuple_,
    type_coerce,
    union_all,
    update,
)

from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.kernel.personal import ERASED
from backoffice_api.domain.kernel.rows import insert_or_ignore
from backoffice_api.domain.kernel.sealing import (
    KEY_ID_LENGTH_MAX,
    CannotOpen,
    Keyring,
    Sealed,
    key_of,
    keyring,
)
from backoffice_api.domain.kernel.tables import Id, Instant, metadata

BATCH = 500
# For how long a process that has said that it seals is taken to do so.
HELD_S = 60
_ROWS_AT_ONCE = 1_000
_ANY_SEALED = "v1:%:%"
_PROBE = "encryption_keys.probe"
_PROBE_TEXT = "backoffice"

# Sealed by hand, not by its type: it is read to find out whether the keys are right.
encryption_keys = Table(
    "encryption_keys",
    metadata,
    Column("id", String(KEY_ID_LENGTH_MAX), primary_key=True),
    Column("probe", Text, nullable=False),
    Column("first_used_at", Instant, nullable=False),
)

# Processes that run and seal, each with the first of its keys. A row of one that was killed is
# forgotten after a while.
key_holders = Table(
    "key_holders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key_id", String(KEY_ID_LENGTH_MAX), nullable=False),
    Column("seen_at", Instant, nullable=False),
)


class OtherKeys(Exception):
    """The database holds values that the given keys cannot open. `ids`: of which keys."""

    def __init__(self, ids: Sequence[str], *, known: bool) -> None:
        named = ", ".join(ids)
        super().__init__(
            f"The database holds values sealed with another key than the one given as {named}."
            if known
            else f"The database holds values sealed with keys that were not given: {named}."
        )
        self.ids = ids


def admit(db: Connection, ring: Keyring, now: datetime) -> None:
    """See that these keys open what lies in the database, and note the newest as used.

    Raises:
        OtherKeys: they do not.
    """
    rows = db.execute(select(encryption_keys.c.id, encryption_keys.c.probe))
    probes = {str(id): str(probe) for id, probe in rows}
    if unknown := sorted(set(probes) - set(ring.ids)):
        raise OtherKeys(unknown, known=False)
    for id, probe in probes.items():
        try:
            ring.open(_PROBE, probe)
        except CannotOpen:
            raise OtherKeys([id], known=True) from None
    if ring.newest not in probes:
        probe = ring.seal(_PROBE, _PROBE_TEXT)
        row = {"id": ring.newest, "probe": probe, "first_used_at": now}
        insert_or_ignore(db, encryption_keys, row)


def note_holder(db: Connection, id: UUID, now: datetime) -> None:
    """Note that a process of this id seals with the newest of our keys, now and for a while."""
    seen = {"key_id": keyring().newest, "seen_at": now}
    if db.execute(update(key_holders).where(key_holders.c.id == id).values(seen)).rowcount == 0:
        db.execute(delete(key_holders).where(key_holders.c.seen_at < _gone_before(now)))
        db.execute(insert(key_holders).values(id=id, **seen))


def drop_holder(db: Connection, id: UUID) -> None:
    """Note that this process seals no more."""
    db.execute(delete(key_holders).where(key_holders.c.id == id))


def held(db: Connection, now: datetime) -> Collection[str]:
    """The ids of the keys that processes which run seal with, but for the newest of ours."""
    statement = select(key_holders.c.key_id).where(key_holders.c.seen_at >= _gone_before(now))
    return set(db.execute(statement).scalars()) - {keyring().newest}


def _gone_before(now: datetime) -> datetime:
    return now - timedelta(seconds=HELD_S)


@dataclass(frozen=True, slots=True)
class Place:
    """A column whose values are sealed. `index`: the column with their blind index, if any."""

    column: Column[Any]
    kind: Sealed
    index: Column[Any] | None

    @property
    def name(self) -> str:
        return self.kind.place

    @property
    def table(self) -> Table:
        table: Table = self.column.table
        return table

    @property
    def stored(self) -> Any:
        """The value as it lies there."""
        return type_coerce(self.column, Text)


def places() -> Sequence[Place]:
    """Every sealed column, by table and name."""
    found = []
    for table in sorted(metadata.tables.values(), key=lambda each: each.name):
        for column in table.columns:
            if isinstance(column.type, Sealed):
                index = column.info.get("indexed_by")
                found.append(Place(column, column.type, table.c[index] if index else None))
    return found


def counts(db: Connection) -> Mapping[str, int]:
    """How many values are sealed by each key, by its id; under "" those that are not sealed."""
    total: dict[str, int] = {}
    for place in places():
        stored = place.stored
        rest = func.substr(stored, len("v1:") + 1)
        end = (func.instr if db.dialect.name == "sqlite" else func.strpos)(rest, ":")
        id = case((stored.like(_ANY_SEALED), func.substr(rest, 1, end - 1)), else_="")
        found = select(id.label("id")).where(_is_secret(place)).subquery()
        statement = select(found.c.id, func.count()).group_by(found.c.id)
        for key_id, count in db.execute(statement):
            total[key_id] = total.get(key_id, 0) + count
    return total


def _is_secret(place: Place) -> Any:
    return and_(place.stored.is_not(None), place.stored != ERASED)


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch came to. `after`: the key of its last row, to go on behind; None: the end."""

    after: tuple[Any, ...] | None
    sealed: int
    left: Sequence[CannotOpen]


def reseal(db: Connection, place: Place, after: tuple[Any, ...] | None, size: int = BATCH) -> Step:
    """Seal up to `size` values of a column under the newest key, in the order of their rows.

    What somebody changes meanwhile is left to the next round; what cannot be opened, as it is.
    """
    ring = keyring()
    keys = list(place.table.primary_key.columns)
    rows = db.execute(_outdated(place, ring, after).limit(size)).all()
    count, left = 0, []
    for *key, stored in rows:
        try:
            text = ring.open(place.name, stored)
        except CannotOpen as fault:
            left.append(fault)
            continue
        values = {place.column.name: ring.seal(place.name, text)}
        if place.index is not None:
            values[place.index.name] = ring.index(place.name, text)
        mine = and_(*(column == value for column, value in zip(keys, key, strict=True)))
        statement = update(place.table).where(mine, place.stored == stored)
        written = {name: literal(value, Text) for name, value in values.items()}
        count += db.execute(statement.values(written)).rowcount
    last = tuple(rows[-1][:-1]) if len(rows) == size else None
    return Step(last, count, left)


def _outdated(place: Place, ring: Keyring, after: tuple[Any, ...] | None) -> Select[Any]:
    """The rows whose value is not sealed by the newest key."""
    keys = list(place.table.primary_key.columns)
    statement = select(*keys, place.stored).where(
        _is_secret(place), place.stored.not_like(f"v1:{ring.newest}:%")
    )
    if after is not None:
        statement = statement.where(tuple_(*keys) > tuple_(*after, types=[c.type for c in keys]))
    return statement.order_by(*keys)


def forget_unused(db: Connection, others: Collection[str | None]) -> Sequence[str]:
    """Forget the keys that seal nothing any more, but for the newest. Their ids.

    `others`: ids of keys that files are sealed with, or that somebody still seals with.
    """
    used = {*counts(db), *others, keyring().newest}
    known = db.execute(select(encryption_keys.c.id).order_by(encryption_keys.c.id)).scalars()
    unused = [id for id in known if id not in used]
    if unused:
        db.execute(delete(encryption_keys).where(encryption_keys.c.id.in_(unused)))
    return unused


def _not_sealed() -> Select[Any]:
    """Where values lie as they are: until the first rotation, those of before there were keys."""
    each = [
        select(literal(place.name).label("value")).where(
            _is_secret(place), place.stored.not_like(_ANY_SEALED)
        )
        for place in places()
    ]
    found = union_all(*each).subquery()
    return select(found.c.value, func.count().label("count")).group_by(found.c.value)


def _not_opened(db: Connection) -> Iterator[Mapping[str, Any]]:
    """Sealed values that no key opens, and indexes that are not those of their values."""
    ring, by_name = keyring(), {place.name: place for place in places()}
    each = [
        select(
            literal(place.name).label("value"),
            place.stored.label("stored"),
            (null() if place.index is None else place.index).label("index"),
        ).where(place.stored.like(_ANY_SEALED))
        for place in by_name.values()
    ]
    statement = union_all(*each).execution_options(yield_per=_ROWS_AT_ONCE)
    for name, stored, index in db.execute(statement):
        try:
            text = ring.open(name, stored)
        except CannotOpen:
            yield {"value": name, "key": key_of(stored), **_row(db, by_name[name], stored)}
        else:
            if index is not None and index not in ring.indexes(name, text)[:-1]:
                yield {"value": name, "index": index, **_row(db, by_name[name], stored)}


def _row(db: Connection, place: Place, stored: str) -> Mapping[str, Any]:
    """Which row of a table it is in which a value lies."""
    keys = list(place.table.primary_key.columns)
    found = db.execute(select(*keys).where(place.stored == stored)).mappings().first()
    return dict(found) if found else {}


def checks() -> tuple[Check, ...]:
    """Made once all tables are known."""
    return (
        Check(
            "SEC-5",
            "What is to be sealed is sealed; `backoffice keys rotate` seals what is not.",
            _not_sealed(),
        ),
        Check("SEC-5-opened", "What is sealed can be opened with the keys given.", _not_opened),
    )
