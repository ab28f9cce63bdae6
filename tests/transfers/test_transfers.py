"""Transfers from their draft to the last receipt. On both databases."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.locations import IN_TRANSIT_ID, LocationKind
from backoffice_api.domain.stock.model.lots import Tracking
from backoffice_api.domain.transfers import queries
from backoffice_api.domain.transfers.commands.drafts import (
    CancelTransfer,
    CreateTransfer,
    ReadyTransfer,
    ReopenTransfer,
    UpdateTransfer,
    cancel_transfer,
    create_transfer,
    ready_transfer,
    reopen_transfer,
    update_transfer,
)
from backoffice_api.domain.transfers.commands.shipments import (
    ReceiveTransfer,
    ShipTransfer,
    WriteOffTransfer,
    receive_transfer,
    ship_transfer,
    write_off_transfer,
)
from backoffice_api.domain.transfers.model import (
    LineDraft,
    LotQuantity,
    ReceiveLine,
    ShipLine,
    TransferStatus,
)
from backoffice_api.domain.transfers.tables import transfer_lines, transfers
from tests.databases import count_statements
from tests.soundness import broken
from tests.stock.depot import line, line_id, shown
from tests.stock.test_costs import bought, state
from tests.stock.test_lots import lot, of_lot, tracked, where
from tests.world import NOW, caller

SELLABLE, QUARANTINE, UNDER_WAY = Bucket.SELLABLE, Bucket.QUARANTINE, Bucket.IN_TRANSIT


class Freight:
    """Transfers from NORTH to SOUTH."""

    def __init__(self, depot):
        self.depot = depot
        self.run = depot.world.run

    def create(self, *wanted, **values):
        ways = {"from_location_id": self.depot.north, "to_location_id": self.depot.south}
        lines = tuple(LineDraft(variant_id=id, quantity=quantity) for id, quantity in wanted)
        return self.run(create_transfer, CreateTransfer(**{**ways, "lines": lines, **values})).value

    def ready(self, *wanted, **values):
        id = self.create(*wanted, **values)
        self.run(ready_transfer, ReadyTransfer(id=id))
        return id

    def shipped(self, *wanted, **values):
        id = self.ready(*wanted, **values)
        self.ship(id)
        return id

    def ship(self, id, *lines):
        self.run(ship_transfer, ShipTransfer(id=id, lines=lines))

    def receive(self, id, *lines):
        self.run(receive_transfer, ReceiveTransfer(id=id, lines=lines))

    def status(self, id):
        return self.depot.world.read(queries.transfer, id).status

    def lines(self, id):
        return self.depot.world.read(queries.lines_by_transfers, [id])[id]

    def counts(self, id):
        """Shipped, received, rejected, lost, in transit of each line."""
        return [
            (each.shipped, each.received, each.rejected, each.lost, each.in_transit)
            for each in self.lines(id)
        ]

    def broken(self):
        return broken(self.depot.world.database, CHECKS)


@pytest.fixture
def freight(depot):
    depot.kept = depot.variant("A", 9)
    return Freight(depot)


class TestLife:
    def test_holds_ships_and_receives_everything(self, freight):
        depot, kept = freight.depot, freight.depot.kept

        id = freight.ready((kept, 5))
        assert (freight.status(id), depot.counts(kept)) == (TransferStatus.READY, [(9, 5)])
        freight.ship(id)
        assert depot.pieces(kept) == {
            (depot.north, SELLABLE): 4,
            (IN_TRANSIT_ID, UNDER_WAY): 5,
        }
        assert freight.status(id) is TransferStatus.IN_TRANSIT
        assert freight.broken() == []
        freight.receive(id)

        assert depot.pieces(kept) == {(depot.north, SELLABLE): 4, (depot.south, SELLABLE): 5}
        assert (freight.status(id), freight.counts(id)) == (
            TransferStatus.RECEIVED,
            [(5, 5, 0, 0, 0)],
        )
        assert freight.broken() == []

    def test_receives_in_parts_and_puts_what_is_rejected_aside(self, freight):
        depot, kept = freight.depot, freight.depot.kept
        id = freight.shipped((kept, 5))
        (of,) = freight.lines(id)

        freight.receive(id, ReceiveLine(line_id=of.id, accepted=2, rejected=1))
        assert (freight.status(id), freight.counts(id)) == (
            TransferStatus.PARTIALLY_RECEIVED,
            [(5, 2, 1, 0, 2)],
        )
        assert freight.broken() == []
        too_many = ReceiveLine(line_id=of.id, accepted=2, rejected=1)
        (fault,) = depot.refusals(lambda: freight.receive(id, too_many))
        assert (fault.code, fault.requested, fault.in_transit) == ("MORE_THAN_IN_TRANSIT", 3, 2)
        freight.receive(id, ReceiveLine(line_id=of.id, rejected=2))

        assert depot.pieces(kept) == {
            (depot.north, SELLABLE): 4,
            (depot.south, SELLABLE): 2,
            (depot.south, QUARANTINE): 3,
        }
        assert freight.status(id) is TransferStatus.RECEIVED
        assert freight.broken() == []

    def test_ships_less_than_was_held(self, freight):
        depot, kept = freight.depot, freight.depot.kept
        id = freight.ready((kept, 5))
        (of,) = freight.lines(id)

        (fault,) = depot.refusals(lambda: freight.ship(id, ShipLine(line_id=of.id, quantity=6)))
        assert fault.code == "SHIPPED_TOO_MUCH"
        freight.ship(id, ShipLine(line_id=of.id, quantity=3))

        assert (depot.counts(kept), freight.counts(id)) == ([(6, 0)], [(3, 0, 0, 0, 3)])
        assert freight.broken() == []

    def test_writes_off_what_never_arrives(self, freight):
        depot, kept = freight.depot, freight.depot.kept
        bought(depot, kept, 1, "2.00")
        id = freight.shipped((kept, 5))
        assert state(depot, kept) == (10, 20_000_000, 2_000_000)
        (of,) = freight.lines(id)
        freight.receive(id, ReceiveLine(line_id=of.id, accepted=1))

        freight.run(write_off_transfer, WriteOffTransfer(id=id))

        assert (freight.status(id), freight.counts(id)) == (
            TransferStatus.RECEIVED,
            [(5, 1, 0, 4, 0)],
        )
        assert depot.pieces(kept) == {(depot.north, SELLABLE): 5, (depot.south, SELLABLE): 1}
        assert state(depot, kept) == (6, 12_000_000, 2_000_000)
        assert freight.broken() == []

    @pytest.mark.parametrize(
        ("handler", "command", "status"),
        [
            (cancel_transfer, CancelTransfer, TransferStatus.CANCELLED),
            (reopen_transfer, ReopenTransfer, TransferStatus.DRAFT),
        ],
    )
    def test_gives_back_what_it_held(self, freight, handler, command, status):
        id = freight.ready((freight.depot.kept, 5))

        freight.run(handler, command(id=id))

        assert freight.status(id) is status
        assert freight.depot.counts(freight.depot.kept) == [(9, 0)]
        assert freight.broken() == []

    def test_is_changed_while_it_is_a_draft(self, freight):
        (other,) = freight.depot.variants("B")
        id = freight.create((freight.depot.kept, 5), reference="first")
        lines = (LineDraft(variant_id=other, quantity=2),)

        freight.run(update_transfer, UpdateTransfer(id=id, lines=lines, reference="second"))

        assert [(each.variant_id, each.quantity) for each in freight.lines(id)] == [(other, 2)]
        assert freight.depot.world.read(queries.transfer, id).reference == "second"

    def test_takes_pieces_of_any_part_of_the_location(self, freight):
        depot, kept = freight.depot, freight.depot.kept
        zone = depot.location("Z", kind=LocationKind.ZONE, parent_id=depot.north)
        depot.adjust(line(kept, zone, delta=4))

        freight.shipped((kept, 12))

        assert (
            sum(
                pieces
                for (place, _), pieces in depot.pieces(kept).items()
                if place != IN_TRANSIT_ID
            )
            == 1
        )
        assert freight.broken() == []

    def test_goes_only_the_ways_of_its_machine(self, freight):
        kept = freight.depot.kept
        draft = freight.create((kept, 1))
        under_way = freight.shipped((kept, 1))
        attempts = [
            (ship_transfer, ShipTransfer(id=draft)),
            (receive_transfer, ReceiveTransfer(id=draft)),
            (reopen_transfer, ReopenTransfer(id=draft)),
            (write_off_transfer, WriteOffTransfer(id=draft)),
            (cancel_transfer, CancelTransfer(id=under_way)),
            (ready_transfer, ReadyTransfer(id=under_way)),
            (update_transfer, UpdateTransfer(id=under_way)),
        ]

        for handler, command in attempts:
            with pytest.raises(DomainError) as refusal:
                freight.run(handler, command)
            assert refusal.value.code == "INVALID_TRANSITION"

    def test_holds_all_lines_or_none(self, freight):
        (other,) = freight.depot.variants("B")
        id = freight.create((freight.depot.kept, 5), (other, 1))

        (fault,) = freight.depot.refusals(lambda: freight.run(ready_transfer, ReadyTransfer(id=id)))

        assert fault.code == "INSUFFICIENT_STOCK"
        assert freight.status(id) is TransferStatus.DRAFT


class TestLots:
    def test_arrive_as_they_were_shipped(self, freight):
        depot = freight.depot
        milk = tracked(depot, "MILK")
        depot.adjust(
            of_lot(milk, depot.north, "L1", date(2999, 1, 2), delta=3),
            of_lot(milk, depot.north, "L2", date(2999, 1, 1), delta=3),
        )
        l1, l2 = lot(depot, milk, "L1"), lot(depot, milk, "L2")
        id = freight.ready((milk, 4))
        (of,) = freight.lines(id)
        named = tuple(LotQuantity(lot_id=each.id, quantity=2) for each in (l1, l2))

        freight.ship(id, ShipLine(line_id=of.id, quantity=4, lots=named))
        wrong = ReceiveLine(line_id=of.id, accepted=3, lot_id=l1.id)
        (fault,) = depot.refusals(lambda: freight.receive(id, wrong))
        assert fault.code == "INSUFFICIENT_LOT"
        freight.receive(id, ReceiveLine(line_id=of.id, rejected=2, lot_id=l2.id))
        freight.receive(id)

        assert where(depot, milk) == {
            (depot.north, SELLABLE, l1.id): 1,
            (depot.north, SELLABLE, l2.id): 1,
            (depot.south, QUARANTINE, l2.id): 2,
            (depot.south, SELLABLE, l1.id): 2,
        }
        assert freight.broken() == []

    @pytest.mark.parametrize(
        ("pieces", "code"),
        [((-1, 2), "OUT_OF_RANGE"), ((0, 1), "OUT_OF_RANGE"), ((1, 1), "SHIPPED_TOO_MUCH")],
    )
    def test_leave_in_whole_pieces_and_no_more_than_is_shipped(self, freight, pieces, code):
        depot = freight.depot
        milk = tracked(depot, "MILK")
        depot.adjust(*(of_lot(milk, depot.north, each, delta=3) for each in ("L1", "L2")))
        lots = [lot(depot, milk, each).id for each in ("L1", "L2")]
        id = freight.ready((milk, 4))
        (of,) = freight.lines(id)
        named = tuple(
            LotQuantity(lot_id=each, quantity=count)
            for each, count in zip(lots, pieces, strict=True)
        )

        wrong = ShipLine(line_id=of.id, quantity=1, lots=named)

        (fault,) = depot.refusals(lambda: freight.ship(id, wrong))
        assert fault.code == code

    def test_arrive_only_if_they_left(self, freight):
        depot = freight.depot
        milk = tracked(depot, "MILK")
        depot.adjust(*(of_lot(milk, depot.north, each, delta=3) for each in ("L1", "L2")))
        stayed = lot(depot, milk, "L2").id
        id = freight.ready((milk, 1))
        (of,) = freight.lines(id)
        named = (LotQuantity(lot_id=lot(depot, milk, "L1").id, quantity=1),)
        freight.ship(id, ShipLine(line_id=of.id, quantity=1, lots=named))

        wrong = ReceiveLine(line_id=of.id, rejected=1, lot_id=stayed)

        (fault,) = depot.refusals(lambda: freight.receive(id, wrong))
        assert fault.code == "INSUFFICIENT_LOT"

    def test_serials_are_in_transit_meanwhile(self, freight):
        depot = freight.depot
        phone = tracked(depot, "PHONE", Tracking.SERIAL)
        depot.adjust(of_lot(phone, depot.north, "S1", delta=1))
        s1 = lot(depot, phone, "S1", Tracking.SERIAL)

        id = freight.shipped((phone, 1))
        assert where(depot, phone) == {(IN_TRANSIT_ID, UNDER_WAY, s1.id): 1}
        (fault,) = depot.refusals(lambda: depot.adjust(of_lot(phone, depot.south, "S1", delta=1)))
        assert fault.code == "SERIAL_ELSEWHERE"
        freight.run(write_off_transfer, WriteOffTransfer(id=id))

        assert where(depot, phone) == {}
        assert freight.broken() == []


class TestRefusals:
    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"lines": ()}, "NOTHING_TO_TRANSFER"),
            ({"to_location_id": line_id(1)}, "UNKNOWN_LOCATION"),
            ({"to_location_id": IN_TRANSIT_ID}, "VIRTUAL_LOCATION"),
            ({"to_location_id": "north"}, "SAME_LOCATION"),
            ({"lines": (LineDraft(variant_id=line_id(1), quantity=1),)}, "UNKNOWN_VARIANT"),
            ({"quantity": 0}, "OUT_OF_RANGE"),
            ({"reference": " "}, "INVALID_TEXT"),
        ],
    )
    def test_of_what_leads_nowhere(self, freight, values, code):
        depot, given = freight.depot, dict(values)
        if given.get("to_location_id") == "north":
            given["to_location_id"] = depot.north
        quantity = given.pop("quantity", 1)

        (fault,) = depot.refusals(lambda: freight.create((depot.kept, quantity), **given))

        assert fault.code == code

    def test_of_a_variant_that_is_named_twice(self, freight):
        kept = freight.depot.kept
        (fault,) = freight.depot.refusals(lambda: freight.create((kept, 1), (kept, 2)))
        assert (fault.code, fault.path) == ("DUPLICATE", ("lines", 1, "variant_id"))


class TestTables:
    @pytest.mark.parametrize(
        "values",
        [{"shipped": 6}, {"received": 1}, {"rejected": -1}, {"quantity": 0}, {"lost": 1}],
    )
    def test_hold_the_sums_of_a_line(self, freight, values):
        freight.create((freight.depot.kept, 5))

        with pytest.raises(IntegrityError), freight.depot.world.database.writing.begin() as db:
            db.execute(update(transfer_lines).values(values))

    def test_checks_find_what_is_not_under_way(self, freight):
        id = freight.shipped((freight.depot.kept, 5))
        (of,) = freight.lines(id)
        second = replace(of, id=line_id(5), position=1, variant_id=freight.depot.variant("B"))
        values = {name: getattr(second, name) for name in transfer_lines.c.keys()}  # noqa: SIM118

        with freight.depot.world.database.writing.begin() as db:
            db.execute(insert(transfer_lines).values(values))
            values = {"status": TransferStatus.RECEIVED, "received_at": NOW}
            db.execute(update(transfers).values(values))

        assert freight.broken() == ["S10", "S10-status"]


class TestStatements:
    def test_do_not_depend_on_the_number_of_lines(self, freight):
        variants = freight.depot.variants(*(f"V{number}" for number in range(8)))
        for each in variants:
            freight.depot.put(each, 10)
        # The levels in transit and in SOUTH are there from now on.
        freight.receive(freight.shipped(*((each, 1) for each in variants)))

        def statements(*wanted):
            with count_statements(freight.depot.world.database) as seen:
                freight.receive(freight.shipped(*wanted))
            return len(seen)

        assert statements((variants[0], 1)) == statements(*((each, 1) for each in variants))


DOCUMENT = """
mutation ($input: TransferCreateInput!) {
  transferCreate(input: $input) { transfer { id status } userErrors { code path } }
}
"""
ACTION = """
mutation ($id: ID!) {
  %s { transfer { status } userErrors { code ... on MoreThanInTransitError { inTransit } } }
}
"""


class TestGraphql:
    async def test_goes_all_the_way(self, freight):
        depot, world = freight.depot, freight.depot.world
        wanted = {
            "fromLocationId": shown("loc", depot.north),
            "toLocationId": shown("loc", depot.south),
            "lines": [{"variantId": shown("sku", depot.kept), "quantity": 4}],
            "reference": "T-1",
        }

        made = (await world.graphql(DOCUMENT, input=wanted))["transferCreate"]
        id = made["transfer"]["id"]
        assert made == {"transfer": {"id": id, "status": "DRAFT"}, "userErrors": []}
        for action, status in (
            ("transferReady(id: $id)", "READY"),
            ("transferShip(id: $id, input: {})", "IN_TRANSIT"),
        ):
            (answer,) = (await world.graphql(ACTION % action, id=id)).values()
            assert answer == {"transfer": {"status": status}, "userErrors": []}
        asked = """query ($id: ID!) {
          transfer(id: $id) {
            reference status fromLocation { code } toLocation { code }
            actions { name allowed }
            lines { id shipped inTransit variant { sku } }
            movements { nodes { quantity cause { id } } }
          }
          transfers(filter: {status: [IN_TRANSIT]}) { nodes { reference } }
          transfersCount(filter: {reference: {startsWith: "T-"}}) { value }
          reservations { nodes { owner { id } line { id } } }
        }"""
        answer = await world.graphql(asked, id=id)
        (of,) = answer["transfer"]["lines"]
        assert of == {"id": of["id"], "shipped": 4, "inTransit": 4, "variant": {"sku": "A"}}
        assert [each["name"] for each in answer["transfer"]["actions"] if each["allowed"]] == [
            "receive",
            "write_off",
        ]
        assert answer["transfer"]["movements"]["nodes"] == [{"quantity": 4, "cause": {"id": id}}]
        assert answer["transfers"]["nodes"] == [{"reference": "T-1"}]
        assert answer["transfersCount"] == {"value": 1}
        assert answer["reservations"]["nodes"] == [{"owner": {"id": id}, "line": {"id": of["id"]}}]

        receive = (
            f'transferReceive(id: $id, input: {{lines: [{{lineId: "{of["id"]}", accepted: 5}}]}})'
        )
        refused = await world.graphql(ACTION % receive, id=id)
        assert refused["transferReceive"] == {
            "transfer": None,
            "userErrors": [{"code": "MORE_THAN_IN_TRANSIT", "inTransit": 4}],
        }
        done = await world.graphql(ACTION % "transferReceive(id: $id, input: {})", id=id)
        assert done["transferReceive"]["transfer"] == {"status": "RECEIVED"}
        assert freight.broken() == []

    @pytest.mark.parametrize(
        "field",
        [
            'transferCreate(input: {fromLocationId: "loc_1", toLocationId: "loc_2", lines: []})',
            'transferUpdate(id: "trf_1", input: {})',
            'transferReady(id: "trf_1")',
            'transferReopen(id: "trf_1")',
            'transferCancel(id: "trf_1")',
            'transferShip(id: "trf_1", input: {})',
            'transferReceive(id: "trf_1", input: {})',
            'transferWriteOff(id: "trf_1")',
        ],
    )
    async def test_takes_the_right_to_write(self, depot, field):
        document = f"mutation {{ {field} {{ replayed }} }}"

        answer = await depot.world.ask(document, caller=caller(*ALL_SCOPES - {Scope.STOCK_WRITE}))

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]

    @pytest.mark.parametrize(
        "field",
        ["transfers { nodes { id } }", "transfersCount { value }", 'transfer(id: "trf_1") { id }'],
    )
    async def test_takes_the_right_to_read(self, depot, field):
        nobody = caller(*ALL_SCOPES - {Scope.STOCK_READ})

        answer = await depot.world.ask(f"{{ {field} }}", caller=nobody)

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]
