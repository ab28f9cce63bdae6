"""SEC-05: tax ids lie sealed, and are found, kept apart and rotated all the same."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Text, literal, select, type_coerce, update

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.commands.merging import (
    MergeCustomers,
    UndoMerge,
    merge_customers,
    undo_merge,
)
from backoffice_api.domain.customers.queries.numbers import tax_id_index
from backoffice_api.domain.customers.tables import tax_ids
from backoffice_api.domain.kernel import sealing, search
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.sealing import Keyring, key_of
from backoffice_api.domain.kernel.search import entries
from backoffice_api.key_rotation import rotate
from tests.customers.people import CPF, create, profile
from tests.keyring import RING
from tests.soundness import broken
from tests.world import World

NEWER = Keyring({"newer": bytes(range(32)), **RING._keys})


@pytest.fixture(autouse=True)
def _keys() -> Iterator[None]:
    yield
    sealing.use(RING)


@pytest.fixture
def ana(world: World) -> UUID:
    return create(world, tax_ids=(CPF,))


def as_before_there_were_keys(world: World, id: UUID) -> None:
    """The tax id as it lay there and in the search, and as a migration takes it over."""
    with world.database.writing.begin() as db:
        plain = literal(CPF.value, Text)
        db.execute(update(tax_ids).values(value=plain, value_index=CPF.value))
        search.put(db, "cus", {id: ["Ana", CPF.value]})


def found(world: World, text: str) -> list[UUID]:
    page = world.read(queries.customer_list.page, PageRequest(search=text))
    return [each.id for each in page.rows]


def stored(world: World) -> tuple[str, str]:
    statement = select(type_coerce(tax_ids.c.value, Text), tax_ids.c.value_index)
    with world.database.reading.connect() as db:
        ((value, index),) = db.execute(statement)
    return value, index


class TestTaxIds:
    def test_lie_sealed_and_indexed(self, world: World, ana: UUID) -> None:
        value, index = stored(world)

        assert (key_of(value), index) == ("tests", tax_id_index(CPF))
        assert CPF.value not in value + index
        assert world.read(queries.customers_by_tax_ids, [CPF])[CPF].id == ana

    def test_are_searched_as_a_whole(self, world: World, ana: UUID) -> None:
        assert found(world, "529.982.247-25") == found(world, " 52998224725") == [ana]
        assert found(world, "52998224") == found(world, "111.444.777-35") == []

    def test_stay_apart_under_another_key(self, world: World, ana: UUID) -> None:
        sealing.use(NEWER)

        with pytest.raises(Exception, match="CPF"):
            create(world, tax_ids=(CPF,))

    def test_of_before_are_found_and_sealed_by_a_rotation(self, world: World, ana: UUID) -> None:
        as_before_there_were_keys(world, ana)
        assert (stored(world), broken(world.database)) == ((CPF.value, CPF.value), ["SEC-5"])
        assert world.read(queries.customers_by_tax_ids, [CPF])[CPF].id == ana
        sealing.use(NEWER)

        done = rotate(world.database, {}, lambda place, count: None)

        assert done.sealed["customer_tax_ids.value"] == 1
        assert (key_of(stored(world)[0]), stored(world)[1]) == ("newer", tax_id_index(CPF))
        assert world.read(queries.customers_by_tax_ids, [CPF])[CPF].id == ana
        assert found(world, CPF.value) == [ana]
        with world.database.reading.connect() as db:
            assert db.execute(select(entries.c.words)).scalars().all() == ["ana"]
        assert broken(world.database) == []

    def test_go_back_when_a_merge_is_undone_after_a_rotation(self, world: World, ana: UUID) -> None:
        other = create(world, name="Other")
        merge = world.run(merge_customers, MergeCustomers(id=other, from_id=ana)).value
        sealing.use(NEWER)
        rotate(world.database, {}, lambda place, count: None)
        sealing.use(Keyring({"newer": NEWER._keys["newer"]}))

        world.run(undo_merge, UndoMerge(id=merge))

        assert profile(world, ana).tax_ids == (CPF,)
