"""Names that other systems have for our records."""

from uuid import UUID

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel.database import Database
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.external_ids import ExternalId, ExternalIdTaken
from tests.databases import count_statements
from tests.plans import all_indexed

ONE, TWO = UUID(int=1), UUID(int=2)
ERP = ExternalId("erp", "17")
SHOP = ExternalId("shop", "gid://17")


def of(db: Connection, subject: UUID) -> list[ExternalId]:
    return list(names.by_subjects(db, [subject]).get(subject, ()))


class TestPut:
    def test_lets_a_record_be_found(self, database: Database) -> None:
        with database.writing.begin() as db:
            names.put(db, "thg", ONE, [SHOP, ERP])

        with database.reading.connect() as db:
            assert names.find(db, "thg", [ERP, SHOP]) == {ERP: ONE, SHOP: ONE}
            assert of(db, ONE) == [ERP, SHOP]

    def test_takes_the_place_of_those_it_had(self, database: Database) -> None:
        with database.writing.begin() as db:
            names.put(db, "thg", ONE, [SHOP, ERP])
            names.put(db, "thg", ONE, [ExternalId("erp", "18")])

            assert of(db, ONE) == [ExternalId("erp", "18")]
            assert names.find(db, "thg", [ERP]) == {}

    def test_can_be_done_twice(self, database: Database) -> None:
        with database.writing.begin() as db:
            names.put(db, "thg", ONE, [ERP])
            names.put(db, "thg", ONE, [ERP])

            assert of(db, ONE) == [ERP]

    def test_refuses_the_name_of_another_record(self, database: Database) -> None:
        with database.writing.begin() as db:
            names.put(db, "thg", ONE, [ERP])

            with pytest.raises(ExternalIdTaken) as refusal:
                names.put(db, "thg", TWO, [SHOP, ERP])

            assert str(refusal.value) == "Another record is 17 in erp."
            assert refusal.value.path == ("external_ids",)
            assert of(db, TWO) == []

    def test_lets_other_kinds_and_systems_have_the_same_key(self, database: Database) -> None:
        with database.writing.begin() as db:
            names.put(db, "thg", ONE, [ERP])
            names.put(db, "oth", TWO, [ERP])
            names.put(db, "thg", UUID(int=3), [ExternalId("ERP", "17")])

            assert names.find(db, "thg", [ERP]) == {ERP: ONE}
            assert names.find(db, "oth", [ERP]) == {ERP: TWO}


class TestAdd:
    def test_is_held_to_its_word_by_the_database(self, database: Database) -> None:
        with pytest.raises(IntegrityError), database.writing.begin() as db:
            names.add(db, "thg", {ONE: [ERP], TWO: [ERP]})

        with database.reading.connect() as db:
            assert names.find(db, "thg", [ERP]) == {}


class TestFind:
    def test_takes_one_statement_for_each_system(self, database: Database) -> None:
        wanted = [ExternalId("erp", str(number)) for number in range(500)]
        with database.writing.begin() as db:
            names.add(db, "thg", {ONE: wanted[:1], TWO: wanted[1:2]})

        with (
            count_statements(database) as statements,
            all_indexed(database.reading),
            database.reading.connect() as db,
        ):
            found = names.find(db, "thg", wanted)

        assert found == {wanted[0]: ONE, wanted[1]: TWO}
        assert len([each for each in statements if each.startswith("SELECT external")]) == 1

    def test_of_nothing_is_nothing(self, database: Database) -> None:
        with database.reading.connect() as db:
            assert names.find(db, "thg", []) == {}


class TestCheck:
    def test_lets_pass_one_name_for_each_of_20_systems(self) -> None:
        faults = Faults()

        names.check([ExternalId(f"s{number}", "k") for number in range(20)], faults)

        assert list(faults) == []

    def test_notes_what_is_wrong_where_it_stands(self) -> None:
        faults = Faults()

        names.check([ExternalId("", "k"), ExternalId("s" * 61, "k" * 251)], faults, "variants", 3)

        assert [fault.path for fault in faults] == [
            ("variants", 3, "external_ids", 0, "system"),
            ("variants", 3, "external_ids", 1, "system"),
            ("variants", 3, "external_ids", 1, "key"),
        ]

    @pytest.mark.parametrize(
        "given",
        [
            [ExternalId(f"s{number}", "k") for number in range(21)],
            [ExternalId("erp", "1"), ExternalId("erp", "2")],
        ],
    )
    def test_notes_too_many(self, given: list[ExternalId]) -> None:
        faults = Faults()

        names.check(given, faults)

        (fault,) = faults
        assert (fault.code, fault.path) == ("TOO_MANY_EXTERNAL_IDS", ("external_ids",))
