"""Sealing everything anew under the newest key, while others go on serving."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from backoffice_api.adapters.sealed_storage import SealedFolder
from backoffice_api.domain.customers.commands.sealing import (
    drop_numbers_from_search,
    renew_notes_of_merges,
)
from backoffice_api.domain.kernel import sealed_rows
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.sealing import CannotOpen

# Of one kind; what is written meanwhile is sealed with the newest key by whoever writes it.
_ROUNDS_MAX = 3


@dataclass(slots=True)
class Rotation:
    """What a rotation came to.

    `sealed`: how many values and files, by their place. `left`: those that could not be opened.
    `forgotten`: ids of keys that nothing is sealed with any more. `held`: of older ones that
    processes which run still seal with; they are not forgotten.
    """

    sealed: dict[str, int] = field(default_factory=dict)
    left: list[CannotOpen] = field(default_factory=list)
    forgotten: Sequence[str] = ()
    held: Sequence[str] = ()

    @property
    def total(self) -> int:
        return sum(self.sealed.values())


def rotate(
    database: Database, folders: Mapping[str, SealedFolder], say: Callable[[str, int], None]
) -> Rotation:
    """Seal all values and files with the newest key; what is so already is not touched.

    Each batch is a transaction of its own: killed in between, the next run goes on where this one
    was. `say` is told of each place that is done, and how much was sealed there.
    """
    done = Rotation()
    for place in sealed_rows.places():
        count = _rotate_column(database, place, done)
        say(place.name, count)
        done.sealed[place.name] = count
    _drop_numbers(database)
    with database.writing.begin() as db:
        renew_notes_of_merges(db)
    for name, folder in folders.items():
        count = _rotate_files(folder, done)
        say(f"files/{name}", count)
        done.sealed[f"files/{name}"] = count
    if not done.left:
        in_files = {id for folder in folders.values() for id in folder.keys_used()}
        with database.writing.begin() as db:
            done.held = sorted(sealed_rows.held(db, datetime.now(UTC)))
            done.forgotten = sealed_rows.forget_unused(db, {*in_files, *done.held})
    return done


def _rotate_column(database: Database, place: sealed_rows.Place, done: Rotation) -> int:
    total = 0
    left: list[CannotOpen] = []
    for _ in range(_ROUNDS_MAX):
        after, changed, left = None, 0, []
        while True:
            with database.writing.begin() as db:
                step = sealed_rows.reseal(db, place, after)
            changed += step.sealed
            left += step.left
            if step.after is None:
                break
            after = step.after
        total += changed
        if not changed:
            break
    done.left += left
    return total


def _drop_numbers(database: Database) -> None:
    after: UUID | None = None
    while True:
        with database.writing.begin() as db:
            after = drop_numbers_from_search(db, after, sealed_rows.BATCH)
        if after is None:
            return


def _rotate_files(folder: SealedFolder, done: Rotation) -> int:
    count = 0
    for key in folder.files():
        try:
            count += folder.reseal(key)
        except CannotOpen as fault:
            done.left.append(fault)
    return count
