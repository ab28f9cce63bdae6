"""What is written straight from the database is what the long way writes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backoffice_api.domain.kernel.currencies import EXPONENTS
from backoffice_api.domain.kernel.decimals import canonical
from backoffice_api.domain.kernel.money import INT64_MAX, INT64_MIN, Money, UnitPrice
from backoffice_api.domain.kernel.raw import raw_column
from backoffice_api.domain.products.tables import products
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.plans import SchemaFields

FIELDS = SchemaFields(schema)
NUMBERS = st.integers(INT64_MIN, INT64_MAX) | st.integers(-2_000_000, 2_000_000)
MOMENTS = st.datetimes(timezones=st.just(UTC))


def written(kind: type[object], number: int, currency: str) -> str:
    shortcut = FIELDS.shortcut(kind, "amount", "Decimal")
    assert shortcut is not None
    text: str = shortcut.write(number, currency)
    return text


class TestAmounts:
    @given(NUMBERS, st.sampled_from(sorted(EXPONENTS)))
    def test_of_money(self, minor: int, currency: str) -> None:
        assert written(Money, minor, currency) == canonical(Money(minor, currency).amount)

    @given(NUMBERS, st.sampled_from(sorted(EXPONENTS)))
    def test_of_unit_prices(self, micro: int, currency: str) -> None:
        assert written(UnitPrice, micro, currency) == canonical(UnitPrice(micro, currency).amount)


class TestMoments:
    @given(MOMENTS)
    def test_of_sqlite(self, moment: datetime) -> None:
        column = raw_column(products.c.created_at, "sqlite")
        write = FIELDS.writer(column, "DateTime", "sqlite")
        assert column.encode is not None
        assert write is not None

        assert write(column.encode(moment)) == self._expected(moment)

    @given(MOMENTS)
    def test_of_postgresql(self, moment: datetime) -> None:
        write = FIELDS.writer(
            raw_column(products.c.created_at, "postgresql"), "DateTime", "postgresql"
        )
        assert write is not None

        assert write(moment) == self._expected(moment)

    @staticmethod
    def _expected(moment: datetime) -> str:
        shown: str = schema._schema.type_map["DateTime"].coerce_output_value(moment)  # type: ignore[attr-defined]
        assert moment.utcoffset() == timedelta(0)
        return shown
