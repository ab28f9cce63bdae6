"""Carriers, services and rate tables: made, changed, refused."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.commands.carrier_services import (
    ArchiveCarrierService,
    CreateCarrierService,
    archive_service,
    create_service,
)
from backoffice_api.domain.shipping.commands.carriers import (
    ArchiveCarrier,
    CreateCarrier,
    UpdateCarrier,
    archive_carrier,
    create_carrier,
    update_carrier,
)
from backoffice_api.domain.shipping.commands.quotes import CreateRateQuote, create_rate_quote
from backoffice_api.domain.shipping.commands.rate_tables import (
    CreateRateTable,
    SetRateTableRows,
    create_rate_table,
    set_rows,
)
from backoffice_api.domain.shipping.model.carriers import CarrierKind, Sender
from backoffice_api.domain.shipping.model.quotes import Destination, QuoteStatus
from backoffice_api.domain.shipping.model.rate_tables import RowDraft
from backoffice_api.domain.shipping.model.rating import RateRefusal, Zone
from tests.orders.shop import euros
from tests.shipping.desk import SENDER, Desk
from tests.shipping.test_labels import codes


class TestCreateCarrier:
    def test_tells_all_that_is_wrong(self, desk: Desk) -> None:
        sender = Sender("", (), "Santos", None, None, "XX")
        command = CreateCarrier(
            code="",
            name="x",
            kind=CarrierKind.KARRIO,
            currency="EUR",
            sender=sender,
            time_zone="Moon/Crater",
        )

        with pytest.raises(DomainError) as refusal:
            desk.run(create_carrier, command)

        assert sorted(codes(refusal)) == [
            "CONNECTOR_NOT_NAMED",
            "INVALID_TEXT",
            "INVALID_TEXT",
            "INVALID_TEXT",
            "NO_SUCH_TIME_ZONE",
            "UNKNOWN_COUNTRY",
        ]

    def test_refuses_a_code_that_is_taken(self, desk: Desk) -> None:
        with pytest.raises(DomainError) as refusal:
            desk.new_carrier("LOCAL")

        assert codes(refusal) == ["CARRIER_CODE_TAKEN"]

    def test_is_done_once_with_a_key_and_not_at_all_when_dry(self, desk: Desk) -> None:
        command = CreateCarrier(
            code="NEW", name="New", kind=CarrierKind.MANUAL, currency="EUR", sender=SENDER
        )
        desk.run(create_carrier, command, dry_run=True)
        assert desk.world.read(queries.carriers_by_codes, ["NEW"]) == {}

        first = desk.world.run(create_carrier, command, idempotency_key="k")
        again = desk.world.run(create_carrier, command, idempotency_key="k")

        assert (again.value, again.replayed) == (first.value, True)


class TestUpdateCarrier:
    def test_keeps_what_is_absent(self, desk: Desk) -> None:
        before = desk.world.read(queries.carriers_by_ids, [desk.carrier])[desk.carrier]

        desk.run(update_carrier, UpdateCarrier(id=desk.carrier, name="Other"))

        after = desk.world.read(queries.carriers_by_ids, [desk.carrier])[desk.carrier]
        changed = replace(before, name="Other", version=2, updated_at=after.updated_at)
        assert after == changed

    def test_refuses_a_version_that_is_over(self, desk: Desk) -> None:
        desk.run(update_carrier, UpdateCarrier(id=desk.carrier, name="Other"))

        with pytest.raises(DomainError) as refusal:
            desk.run(
                update_carrier, UpdateCarrier(id=desk.carrier, name="Third"), expected_version=1
            )

        assert codes(refusal) == ["STALE_VERSION"]


class TestArchived:
    def test_carriers_send_nothing_new(self, desk: Desk) -> None:
        desk.run(archive_carrier, ArchiveCarrier(id=desk.carrier))

        with pytest.raises(DomainError) as refusal:
            desk.ship()

        assert codes(refusal) == ["CARRIER_NOT_ACTIVE"]

    def test_services_are_no_candidates(self, desk: Desk) -> None:
        desk.run(archive_service, ArchiveCarrierService(id=desk.service))

        assert quoted(desk, Destination(country="BR")) == {}


class TestCreateService:
    def test_tells_all_that_is_wrong(self, desk: Desk) -> None:
        command = CreateCarrierService(
            carrier_id=desk.carrier,
            code="std",
            name="x",
            transit_days_min=3,
            transit_days_max=2,
            cut_off_minute=1_440,
            countries=("XX",),
        )

        with pytest.raises(DomainError) as refusal:
            desk.run(create_service, command)

        assert codes(refusal) == ["OUT_OF_RANGE", "INVALID_TRANSIT", "UNKNOWN_COUNTRY"]


class TestRateTables:
    def test_tell_all_that_is_wrong(self, desk: Desk) -> None:
        row = RowDraft(zone="A", up_to_g=100, price=euros(1))
        command = CreateRateTable(
            service_id=desk.service,
            name="x",
            valid_from=date(2025, 1, 1),
            valid_until=date(2025, 1, 1),
            zones=(Zone("A", "BR"),),
            rows=(row, row, replace(row, zone="B", up_to_g=0, step_g=5)),
        )

        with pytest.raises(DomainError) as refusal:
            desk.run(create_rate_table, command)

        assert codes(refusal) == [
            "EMPTY_VALIDITY",
            "ROW_TWICE",
            "ZONE_WITHOUT_PLACES",
            "HALF_A_STEP",
            "OUT_OF_RANGE",
        ]

    def test_give_way_to_those_that_begin_later(self, desk: Desk) -> None:
        desk.run(
            create_rate_table,
            CreateRateTable(
                service_id=desk.service,
                name="March",
                valid_from=date(2025, 3, 1),
                valid_until=date(2025, 4, 1),
                zones=(Zone("BR", "BR"),),
                rows=(RowDraft(zone="BR", up_to_g=1_000, price=euros(123)),),
            ),
        )

        assert quoted(desk, Destination(country="BR")) == {desk.service: 123}

    def test_take_new_rows_in_place_of_all(self, desk: Desk) -> None:
        rows = (RowDraft(zone="PT", up_to_g=1_000, price=euros(77)),)
        desk.run(set_rows, SetRateTableRows(id=desk.table, zones=(Zone("PT", "PT"),), rows=rows))

        assert quoted(desk, Destination(country="PT")) == {desk.service: 77}
        assert quoted(desk, Destination(country="BR")) == {desk.service: [RateRefusal.NO_ZONE]}
        assert desk.broken() == []


class TestQuotes:
    def test_wait_for_carriers_that_are_asked_and_do_without_the_silent(self, desk: Desk) -> None:
        service, carrier = desk.fake()
        carrier.tell("silent")

        assert quoted(desk, Destination(country="BR")) == {
            desk.service: 2_000,
            service: [RateRefusal.NO_ANSWER],
        }
        assert quoted(desk, Destination(country="BR")) == {desk.service: 2_000, service: 620}
        assert desk.broken() == []

    def test_compare_no_prices_of_other_currencies(self, desk: Desk) -> None:
        found = quoted(desk, Destination(country="BR"), currency="BRL")

        assert found == {desk.service: [RateRefusal.OTHER_CURRENCY]}


def quoted(desk: Desk, to: Destination, currency: str = "EUR") -> dict[UUID, object]:
    """What each service asks for 800 g in the end, or why not."""
    command = CreateRateQuote(currency=currency, destination=to, weight_g=800)
    id = desk.run(create_rate_quote, command)
    desk.work()
    assert desk.world.read(queries.quotes_by_ids, [id])[id].status is QuoteStatus.READY
    found = desk.world.read(queries.candidates_by_quotes, [id]).get(id, ())
    return {each.service_id: each.total_minor or list(each.refusals) for each in found}
