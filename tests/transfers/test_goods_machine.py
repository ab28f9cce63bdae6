"""Random lives of tracked and valued pieces: lots, buckets, transfers, counts. On both databases.

After each step every check of `backoffice verify` must hold (S1 to S8, S10, F7, C1), and the
pieces must be where a model says that they are.
"""

from collections import Counter
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.stock.commands.lots import SetTracking, set_tracking
from backoffice_api.domain.stock.commands.reservations import consume
from backoffice_api.domain.stock.model.buckets import Bucket
from backoffice_api.domain.stock.model.costs import ValuationMethod
from backoffice_api.domain.stock.model.levels import MoveLine
from backoffice_api.domain.stock.model.lots import LotPieces, Tracking
from backoffice_api.domain.transfers.commands.shipments import WriteOffTransfer, write_off_transfer
from backoffice_api.domain.transfers.model import ReceiveLine
from tests.counts.test_counts import Counting
from tests.stock.depot import CAUSE, Depot, line_id
from tests.stock.test_costs import with_method
from tests.stock.test_lots import lot, of_lot, where
from tests.transfers.test_transfers import Freight

_NUMBERS = count(1)
SELLABLE, QUARANTINE = Bucket.SELLABLE, Bucket.QUARANTINE

which = st.integers(0, 1)
pieces = st.integers(1, 5)
bucket = st.sampled_from([SELLABLE, QUARANTINE])


class GoodsMachine(RuleBasedStateMachine):
    """One variant with two lots in two warehouses, valued by layers or on average."""

    def __init__(self, depot: Depot, freight: Freight) -> None:
        super().__init__()
        self.depot, self.freight = depot, freight
        number = next(_NUMBERS)
        self.lines = count(1_000 * number)
        method = list(ValuationMethod)[number % 2]
        self.variant = with_method(depot, f"{number}", method)
        tracking = SetTracking(variant_id=self.variant, tracking=Tracking.LOT)
        depot.world.run(set_tracking, tracking)
        self.places = (depot.north, depot.south)
        self.lots = []
        for code in ("L1", "L2"):
            depot.adjust(of_lot(self.variant, depot.north, code, delta=1))
            self.lots.append(lot(depot, self.variant, code).id)
        self.at = Counter({(depot.north, SELLABLE, id): 1 for id in self.lots})
        self.transit = []

    @rule(place=which, lot=which, quantity=pieces, cost=st.none() | st.integers(0, 3_000_000))
    def come_in(self, place, lot, quantity, cost):
        unit_cost = None if cost is None else UnitPrice(cost, "EUR")
        code = f"L{lot + 1}"
        given = of_lot(self.variant, self.places[place], code, delta=quantity, unit_cost=unit_cost)
        self.depot.adjust(given)
        self.at[self.places[place], SELLABLE, self.lots[lot]] += quantity

    @rule(place=which, to=which, lot=which, quantity=pieces, from_=bucket, into=bucket)
    def go_elsewhere(self, place, to, lot, quantity, from_, into):
        origin = (self.places[place], from_, self.lots[lot])
        end = (self.places[to], into, self.lots[lot])
        move = MoveLine(
            variant_id=self.variant,
            from_location_id=origin[0],
            from_bucket=from_,
            to_location_id=end[0],
            to_bucket=into,
            quantity=quantity,
            lot_id=self.lots[lot],
        )
        if origin == end or self.at[origin] < quantity:
            assert len(self.depot.refusals(lambda: self.depot.move(move))) == 1
        else:
            self.depot.move(move)
            self.at[origin] -= quantity
            self.at[end] += quantity

    @rule(place=which, lot=which, quantity=pieces)
    def leave(self, place, lot, quantity):
        at = (self.places[place], SELLABLE, self.lots[lot])
        if self.at[at] >= quantity:
            number = next(self.lines)
            wanted = (number, self.variant, quantity)
            self.depot.reserve(wanted, location_ids=[at[0]])
            named = {line_id(number): [LotPieces(self.lots[lot], quantity)]}
            self.depot.call(consume, {line_id(number): quantity}, cause=CAUSE, lots=named)
            self.at[at] -= quantity

    @rule(quantity=pieces)
    def send(self, quantity):
        there = [(self.depot.north, SELLABLE, id) for id in self.lots]
        if sum(self.at[each] for each in there) >= quantity:
            before = self.stored()
            self.transit.append(self.freight.shipped((self.variant, quantity)))
            # Which lot was taken is for the shipment to choose; both never expire.
            now = self.stored()
            for at in there:
                self.at[at] -= before[at] - now[at]

    @rule(accepted=st.integers(0, 3), rejected=st.integers(0, 2))
    def arrive(self, accepted, rejected):
        if not self.transit:
            return
        id = self.transit[-1]
        (of,) = self.freight.lines(id)
        arrived = ReceiveLine(line_id=of.id, accepted=accepted, rejected=rejected)
        if not 0 < accepted + rejected <= of.in_transit:
            refused = self.depot.refusals(lambda: self.freight.receive(id, arrived))
            assert len(refused) == 1
            return
        before = self.stored()
        self.freight.receive(id, arrived)
        now = self.stored()
        for lot_id in self.lots:
            for bucket in (SELLABLE, QUARANTINE):
                at = (self.depot.south, bucket, lot_id)
                self.at[at] += now[at] - before[at]
        if of.in_transit == accepted + rejected:
            self.transit.pop()

    @rule()
    def give_up(self):
        if self.transit:
            self.freight.run(write_off_transfer, WriteOffTransfer(id=self.transit.pop()))

    @rule(number=st.integers(0, 6), lot=which, later=pieces)
    def count_while_pieces_come(self, number, lot, later):
        counting = Counting.__new__(Counting)
        counting.depot = self.depot
        id = counting.start(variant_ids=(self.variant,), recount_pieces=1_000, empty=True)
        at = (self.depot.north, SELLABLE, self.lots[lot])
        known = {each.lot_id for each in counting.lines(id) if each.bucket is SELLABLE}
        entries = [
            counting.found(
                self.variant,
                each.location_id,
                number
                if (each.location_id, each.bucket, each.lot_id) == at
                else self.at[each.location_id, each.bucket, each.lot_id],
                bucket=each.bucket,
                lot_id=each.lot_id,
            )
            for each in counting.lines(id)
            if each.lot_id
        ]
        if len(entries) < len(counting.lines(id)) or self.lots[lot] not in known:
            return
        counting.enter(id, *entries)
        self.come_in(0, lot, later, None)
        counting.finish(id)
        counting.post(id)
        self.at[at] = number + later

    @invariant()
    def everything_adds_up(self):
        assert self.freight.broken() == []
        assert +self.stored() == +self.at

    def stored(self):
        """Pieces by place, bucket and lot, without those on their way."""
        found = where(self.depot, self.variant).items()
        return Counter({at: pieces for at, pieces in found if at[0] in self.places})


class TestGoods:
    def test_agree_with_the_model(self, depot):
        run_state_machine_as_test(
            lambda: GoodsMachine(depot, Freight(depot)),
            settings=settings(
                max_examples=6,
                derandomize=True,
                stateful_step_count=12,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
