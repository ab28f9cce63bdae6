"""Every column that can hold words is either personal or declared not to be."""

from sqlalchemy import JSON, Enum, LargeBinary, String

from backoffice_api.domain.all_tables import metadata
from backoffice_api.domain.kernel.personal import class_of, erasing_of, personal_columns
from backoffice_api.domain.kernel.sealing import Sealed
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.privacy.model.impersonal import OF_TABLES, is_impersonal
from backoffice_api.domain.privacy.queries.registry import places, unled


def texts() -> list[tuple[str, str, bool]]:
    """Each column of texts, bytes and structured data: table, name, whether it is personal.

    What the database computes of others says no more than they do, and is emptied with them.
    """
    return [
        (table.name, column.name, "personal" in column.info)
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary | Sealed)
        and not isinstance(column.type, Enum | Id)
        and column.computed is None
    ]


class TestColumns:
    def test_of_texts_are_personal_or_declared_impersonal(self) -> None:
        unknown = [
            f"{table}.{column}"
            for table, column, is_personal in texts()
            if not is_personal and not is_impersonal(table, column)
        ]

        assert unknown == [], "mark them (kernel/personal.py) or declare them (impersonal.py)"

    def test_are_not_declared_impersonal_and_personal_at_once(self) -> None:
        impersonal = {(table, column) for table, names in OF_TABLES.items() for column in names}
        present = {(table, column) for table, column, is_personal in texts() if not is_personal}

        assert impersonal - present == set()

    def test_are_marked_with_words_that_are_known(self) -> None:
        for table in metadata.sorted_tables:
            for column in personal_columns(table):
                assert class_of(column) is not None
                assert erasing_of(column)


class TestPlaces:
    def test_say_whose_data_they_hold(self) -> None:
        allowed = {"staff", "suppliers", "shop", "anybody"}

        assert {name: who for name, who in unled().items() if who not in allowed} == {}

    def test_come_after_those_they_lead_to(self) -> None:
        seen: set[str] = set()
        for place in places():
            assert all(way.to is None or way.to.name in seen for way in place.ways)
            seen.add(place.name)

        assert {"customers", "orders", "order_addresses", "messages", "events"} <= seen
