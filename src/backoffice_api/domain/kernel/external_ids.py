"""Names that other systems have for our records: pairs of system and key.

A record may have one key in each of many systems; within one system a key names one record of a
kind. Integrations find records by them, so that nobody has to keep our ids.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Column, Connection, Index, String, Table, delete, select

from backoffice_api.domain.kernel import personal
from backoffice_api.domain.kernel.errors import Faults, Invalid, Refused
from backoffice_api.domain.kernel.rows import many_per
from backoffice_api.domain.kernel.tables import NAME_LENGTH_MAX, Id, line, metadata
from backoffice_api.domain.kernel.texts import check_text

SYSTEM_LENGTH_MAX = 60
PER_RECORD_MAX = 20

external_ids = Table(
    "external_ids",
    metadata,
    Column("kind", String(4), primary_key=True),
    Column("system", line(SYSTEM_LENGTH_MAX), primary_key=True),
    Column("key", line(NAME_LENGTH_MAX), primary_key=True, info=personal.IDENTITY),
    Column("subject_id", Id, nullable=False),
    Index(None, "subject_id"),
    info=personal.of("subject_id", goes=True),
)


@dataclass(frozen=True, slots=True)
class ExternalId:
    """What another system calls a record. `system` is a name that the integrator chooses."""

    system: str
    key: str


@dataclass(eq=False)
class ExternalIdTaken(Refused):
    """Another record has this key in this system already."""

    system: str
    key: str
    message = "Another record is {key} in {system}."


@dataclass(eq=False)
class TooManyExternalIds(Invalid):
    """A record may have one key per system, and only in so many systems."""

    maximum: int
    message = "At most {maximum} external ids, each of another system."


by_subjects = many_per(
    ExternalId, external_ids, external_ids.c.subject_id, external_ids.c.system, external_ids.c.key
)


def find(db: Connection, kind: str, wanted: Iterable[ExternalId]) -> Mapping[ExternalId, UUID]:
    """The ids of those records of `kind` that are known under these names."""
    found: dict[ExternalId, UUID] = {}
    keys: dict[str, list[str]] = {}
    for each in wanted:
        keys.setdefault(each.system, []).append(each.key)
    for system, of_system in keys.items():
        statement = select(external_ids.c.key, external_ids.c.subject_id).where(
            external_ids.c.kind == kind,
            external_ids.c.system == system,
            external_ids.c.key.in_(of_system),
        )
        found |= {ExternalId(system, key): id for key, id in db.execute(statement)}
    return found


def check(given: Sequence[ExternalId], faults: Faults, *path: str | int) -> None:
    """Note what is wrong with the external ids of one record, which stands at `path`."""
    if len(given) > PER_RECORD_MAX or len({each.system for each in given}) < len(given):
        faults.add(TooManyExternalIds(PER_RECORD_MAX).at(*path, "external_ids"))
    for position, each in enumerate(given):
        check_one(each, faults, *path, "external_ids", position)


def check_one(given: ExternalId, faults: Faults, *path: str | int) -> None:
    """Note what is wrong with one external id, which stands at `path`."""
    check_text(given.system, faults, *path, "system", maximum=SYSTEM_LENGTH_MAX)
    check_text(given.key, faults, *path, "key")


def put(db: Connection, kind: str, subject: UUID, given: Sequence[ExternalId]) -> None:
    """Make `given` the names of one record, in place of those it had.

    Raises:
        ExternalIdTaken: one of them names another record of the kind.
    """
    for name, owner in find(db, kind, given).items():
        if owner != subject:
            raise ExternalIdTaken(name.system, name.key).at("external_ids")
    replace(db, kind, {subject: given})


def replace(db: Connection, kind: str, given: Mapping[UUID, Sequence[ExternalId]]) -> None:
    """Give records these names, which are known to be free, in place of those they had."""
    if given:
        db.execute(delete(external_ids).where(external_ids.c.subject_id.in_(tuple(given))))
        add(db, kind, given)


def add(db: Connection, kind: str, given: Mapping[UUID, Sequence[ExternalId]]) -> None:
    """Give records further names that are known to be free."""
    rows = [
        {"kind": kind, "system": each.system, "key": each.key, "subject_id": subject}
        for subject, names in given.items()
        for each in names
    ]
    if rows:
        db.execute(external_ids.insert(), rows)
