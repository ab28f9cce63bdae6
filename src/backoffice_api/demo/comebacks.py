"""What comes back to the demo: asked for, on its way, and looked at."""

from collections.abc import Iterator
from datetime import timedelta

from backoffice_api.demo.stage import Shop
from backoffice_api.domain.orders.queries import lines_by_orders
from backoffice_api.domain.returns.commands.deciding import ApproveReturn, approve_return
from backoffice_api.domain.returns.commands.inspecting import InspectReturn, inspect_return
from backoffice_api.domain.returns.commands.policies import SetReturnPolicy, set_return_policy
from backoffice_api.domain.returns.commands.receiving import ReceiveReturn, receive_return
from backoffice_api.domain.returns.commands.requesting import RequestReturn, request_return
from backoffice_api.domain.returns.model.drafts import (
    InspectedDraft,
    ReturnLineDraft,
)
from backoffice_api.domain.returns.model.inspections import Disposition, Resolution
from backoffice_api.domain.returns.model.policies import PolicyPreset
from backoffice_api.domain.returns.model.returns import LinePieces, ReturnState
from backoffice_api.domain.returns.queries import lines_by_returns, returns_by_ids

# One of so many orders that were sent comes back, in part.
ONE_OF = 4


def returns(shop: Shop) -> Iterator[int]:
    opened = shop.now - timedelta(days=60)
    for code, currency, preset in (
        ("eu", "EUR", PolicyPreset.EU_2011_83),
        ("br", "BRL", PolicyPreset.BRAZIL_CDC_49),
    ):
        policy = SetReturnPolicy(code=code, currency=currency, preset=preset)
        shop.run(set_return_policy, policy, opened)
    for number, (order_id, sent_at) in enumerate(shop.sent[::ONE_OF]):
        at = sent_at + timedelta(days=2)
        line = shop.read(lines_by_orders, [order_id])[order_id][0]
        wanted = RequestReturn(lines=(ReturnLineDraft(quantity=1, order_line_id=line.id),))
        id = shop.run(request_return, wanted, at)
        if number % 4 and shop.read(returns_by_ids, [id])[id].status is ReturnState.REQUESTED:
            shop.run(approve_return, ApproveReturn(id=id), at)
        if number % 4 > 1:
            (row,) = shop.read(lines_by_returns, [id])[id]
            came = ReceiveReturn(
                id=id, lines=(LinePieces(row.id, 1),), location_id=shop.locations[0]
            )
            shop.run(receive_return, came, at + timedelta(days=3))
        if number % 4 > 2:
            looked_at = InspectedDraft(
                line_id=row.id,
                quantity=1,
                disposition=Disposition.RESTOCK,
                resolution=Resolution.REFUND,
            )
            command = InspectReturn(id=id, pieces=(looked_at,))
            shop.run(inspect_return, command, at + timedelta(days=4))
        yield 1
