"""What is refused, what holds with many at once, and what policies may say."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import update

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.payments.model.refunds import PaymentShare, RefundDestination
from backoffice_api.domain.returns.commands.deciding import (
    ApproveReturn,
    CancelReturn,
    DeclineReturn,
    approve_return,
    cancel_return,
    decline_return,
)
from backoffice_api.domain.returns.commands.inspecting import InspectReturn, inspect_return
from backoffice_api.domain.returns.commands.policies import SetReturnPolicy, set_return_policy
from backoffice_api.domain.returns.commands.receiving import ReceiveReturn, receive_return
from backoffice_api.domain.returns.commands.refunding import (
    GiveGoodwill,
    RefundReturn,
    give_goodwill,
    refund_return,
)
from backoffice_api.domain.returns.commands.requesting import RequestReturn, request_return
from backoffice_api.domain.returns.commands.resolving import (
    ReopenReturn,
    ResolveReturn,
    reopen_return,
    resolve_return,
)
from backoffice_api.domain.returns.model.drafts import (
    InspectedDraft,
    RefundedDraft,
    ReturnLineDraft,
    ScannedPieces,
)
from backoffice_api.domain.returns.model.inspections import Disposition, Resolution
from backoffice_api.domain.returns.model.policies import PolicyPreset
from backoffice_api.domain.returns.model.returns import LinePieces
from backoffice_api.domain.returns.queries import receipts_by_returns
from backoffice_api.domain.returns.tables import return_lines, returns
from backoffice_api.domain.stock.commands.levels import AdjustStock, adjust_stock
from backoffice_api.domain.stock.commands.lots import SetTracking, set_tracking
from backoffice_api.domain.stock.model.levels import AdjustLine
from backoffice_api.domain.stock.model.lots import LotDraft, Tracking
from backoffice_api.domain.stock.queries.shipped import shipped_lots
from tests.orders.shop import goods
from tests.returns.desk import euros
from tests.world import caller

PEOPLE = 6


def at_once(act):
    """What everybody is told who does it at the same time. None: it was done."""

    def one(number):
        try:
            act(number)
        except DomainError as refusal:
            return refusal.reasons()[0].code
        return None

    with ThreadPoolExecutor(PEOPLE) as pool:
        return Counter(pool.map(one, range(PEOPLE)))


class TestManyAtOnce:
    def test_pay_each_piece_back_once(self, desk):
        order_id = desk.bought(3)
        id = desk.back(order_id, 3)
        line_id = desk.of_return(id)[0].id
        command = RefundReturn(id=id, lines=(RefundedDraft(line_id=line_id, quantity=1),))

        told = at_once(lambda _: desk.world.run(refund_return, command))

        assert told == {None: 3, "NOT_RECEIVED_TO_REFUND": 3}
        assert desk.order(order_id).refunded_minor == 3_000
        assert desk.wrong() == []

    def test_ask_for_each_piece_once(self, desk):
        order_id = desk.bought(4)
        command = RequestReturn(lines=(desk.line(order_id, 1),))

        told = at_once(lambda _: desk.world.run(request_return, command))

        assert told == {None: 4, "NOT_RETURNABLE": 2}
        assert desk.wrong() == []

    def test_receive_a_return_once(self, desk):
        id = desk.request(desk.line(desk.bought(2), 2))
        line = LinePieces(desk.of_return(id)[0].id, 2)
        command = ReceiveReturn(id=id, lines=(line,))
        version = desk.return_(id).version

        told = at_once(lambda _: desk.world.run(receive_return, command, expected_version=version))

        assert told == {None: 1, "STALE_VERSION": PEOPLE - 1}
        assert [each.received for each in desk.of_return(id)] == [2]


class TestRefusals:
    def test_name_what_is_wrong_and_change_nothing(self, desk):
        order_id = desk.bought(2)
        id = desk.request(desk.line(order_id, 2))
        line_id = desk.of_return(id)[0].id
        other = desk.bought(1, customer_id=None)

        def inspect(quantity=1, how=(Disposition.RESTOCK, Resolution.REFUND), **more):
            draft = InspectedDraft(
                line_id=line_id, quantity=quantity, disposition=how[0], resolution=how[1], **more
            )
            return desk.refused(inspect_return, InspectReturn(id=id, pieces=(draft,)))

        def request(*lines, **more):
            return desk.refused(request_return, RequestReturn(lines=lines, **more))

        assert request() == ["NOTHING_RETURNED"]
        assert request(desk.line(order_id, 1)) == ["NOT_RETURNABLE"]
        assert request(desk.line(order_id, 1), desk.line(other, 1)) == ["ORDERS_DIFFER"]
        loose = ReturnLineDraft(variant_id=desk.mug, quantity=1)
        assert request(loose) == ["ORDERS_DIFFER"]
        priced = desk.line(other, 1, unit_value=euros(1))
        assert request(priced) == ["VALUE_OF_ORDER_LINE"]
        assert inspect() == ["INVALID_TRANSITION"]
        resolve = ResolveReturn(id=id)
        assert desk.refused(resolve_return, resolve) == ["NOT_SETTLED"]
        assert desk.refused(reopen_return, ReopenReturn(id=id)) == ["INVALID_TRANSITION"]
        assert desk.refused(approve_return, ApproveReturn(id=id)) == ["INVALID_TRANSITION"]
        assert desk.refused(decline_return, DeclineReturn(id=id)) == ["INVALID_TRANSITION"]
        refund = RefundReturn(id=id)
        assert desk.refused(refund_return, refund) == ["NOT_RECEIVED_TO_REFUND"]
        scan = ReceiveReturn(id=id, scans=(ScannedPieces(code="NOBODY KNOWS"),))
        assert desk.refused(receive_return, scan) == ["UNKNOWN_VARIANT"]
        too_many = CancelReturn(id=id, lines=(LinePieces(line_id, 3),))
        assert desk.refused(cancel_return, too_many) == ["PIECES_EXCEEDED"]

        desk.receive(id, 1)
        assert inspect(2) == ["PIECES_EXCEEDED"]
        mended = (Disposition.RESTOCK, Resolution.REPAIR)
        assert inspect(1, mended) == ["RESOLUTION_NOT_POSSIBLE"]
        assert inspect(1, lot_code="L1") == ["LOT_NOT_TRACKED"]
        desk.inspect(id)
        vague = GiveGoodwill(id=id, amount=euros(1), note=" ")
        assert desk.refused(give_goodwill, vague) == ["GOODWILL_NEEDS_REASON"]
        above = GiveGoodwill(id=id, amount=euros(2_001), note="Sorry.")
        assert desk.refused(give_goodwill, above) == ["AMOUNT_EXCEEDED"]
        cancel = CancelReturn(id=id)
        desk.world.run(cancel_return, cancel)
        assert desk.refused(cancel_return, cancel) == ["INVALID_TRANSITION"]

    def test_let_what_another_system_has_ended_stay_ended(self, desk):
        id = desk.back(desk.bought(1))
        desk.refund(id)
        desk.resolve(id)
        assert "reopen" in [each.name for each in desk.return_(id).actions if each.allowed]

        with desk.world.database.writing.begin() as db:
            db.execute(update(returns).values(recorded=True, serial=0))

        assert desk.refused(reopen_return, ReopenReturn(id=id)) == ["INVALID_TRANSITION"]
        assert [each.name for each in desk.return_(id).actions if each.allowed] == []

    def test_give_no_credit_to_nobody(self, desk):
        id = desk.back(desk.bought(1, customer_id=None))
        command = RefundReturn(id=id, destination=RefundDestination.STORE_CREDIT)

        assert desk.refused(refund_return, command) == ["NO_CUSTOMER_TO_CREDIT"]

    def test_value_pieces_no_higher_than_can_be_written_down(self, desk):
        dear = ReturnLineDraft(variant_id=desk.mug, quantity=1_000_000, unit_value=euros(10**15))
        command = RequestReturn(lines=(dear,), customer_id=desk.ana)

        assert desk.refused(request_return, command) == ["OUT_OF_RANGE"]

    def test_take_no_money_out_of_payments_of_other_orders(self, desk):
        id = desk.back(desk.bought(1))
        other = desk.place(goods("MUG", 1), customer_id=desk.ana)
        share = PaymentShare(payment_id=desk.pay(other), amount=euros(1_000))

        command = RefundReturn(id=id, payments=(share,))

        assert desk.refused(refund_return, command) == ["PAYMENT_OF_ANOTHER_ORDER"]

    def test_give_goodwill_that_nobody_has_paid_only_with_the_right_to_credit(self, desk):
        loose = ReturnLineDraft(variant_id=desk.mug, quantity=1, unit_value=euros(1))
        id = desk.request(loose, customer_id=desk.ana)
        desk.world.run(approve_return, ApproveReturn(id=id))
        command = GiveGoodwill(id=id, amount=euros(100_000), note="Sorry.")

        refunds = caller(Scope.REFUNDS_WRITE)
        assert desk.refused(give_goodwill, command, caller=refunds) == ["NOT_ALLOWED"]
        both = caller(Scope.REFUNDS_WRITE, Scope.PAYMENTS_WRITE)
        desk.world.run(give_goodwill, command, caller=both)
        assert desk.balance() == 100_000


class TestTheChecks:
    def test_find_settled_parts_that_no_refund_tells_of(self, desk):
        id = desk.back(desk.bought(2, shipping=euros(500)), 2)
        desk.refund(id, 1)
        assert desk.wrong() == []

        with desk.world.database.writing.begin() as db:
            db.execute(update(return_lines).values(settled_shipping_minor=0))

        assert desk.wrong() == ["What was paid back of a line is the sum of its refunds."]


class TestLots:
    def test_are_compared_with_what_was_sent(self, desk):
        drill = desk.variant("DRILL")
        desk.world.run(set_tracking, SetTracking(variant_id=drill, tracking=Tracking.SERIAL))
        lines = tuple(
            AdjustLine(variant_id=drill, location_id=desk.north, delta=1, lot=LotDraft(code=code))
            for code in ("S1", "S2")
        )
        desk.world.run(adjust_stock, AdjustStock(lines=lines))
        sent = desk.sent(goods("DRILL", 2))
        code, _ = sorted(desk.world.read(shipped_lots, [sent], [drill])[sent, drill])
        id = desk.request(desk.line(sent, 2))
        scans = tuple(ScannedPieces(code="DRILL", lot_code=each) for each in (code, "S9"))
        desk.world.run(receive_return, ReceiveReturn(id=id, scans=scans))
        found = desk.world.read(receipts_by_returns, [id])[id]
        assert {each.lot_code: each.lot_matches for each in found} == {code: True, "S9": False}
        line_id = desk.of_return(id)[0].id

        def draft(code, disposition=Disposition.RESTOCK):
            return InspectedDraft(
                line_id=line_id,
                quantity=1,
                disposition=disposition,
                resolution=Resolution.REFUND,
                lot_code=code,
            )

        another = InspectReturn(id=id, pieces=(draft("S9"),))
        assert desk.refused(inspect_return, another) == ["LOT_NOT_SHIPPED"]
        nameless = InspectReturn(id=id, pieces=(draft(None),))
        assert desk.refused(inspect_return, nameless) == ["LOT_NEEDED"]
        desk.world.run(inspect_return, InspectReturn(id=id, pieces=(draft(code),)))
        assert desk.position(drill).on_hand == 1
        assert desk.wrong() == []


class TestPresets:
    def test_grant_at_least_what_the_law_grants(self, desk):
        given = {"code": "law", "currency": "EUR", "preset": PolicyPreset.EU_2011_83}
        for less in (
            {"window_days": 13},
            {"fee_basis_points": 1},
            {"refunds_shipping": False},
            {"excluded": True},
        ):
            command = SetReturnPolicy(**given, **less)
            assert desk.refused(set_return_policy, command) == ["PRESET_HAS_ITS_TERMS"]
        desk.world.run(set_return_policy, SetReturnPolicy(**given, window_days=30))
