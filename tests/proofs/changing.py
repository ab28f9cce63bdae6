"""What the office needs of orders after (and before) they are placed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "ChannelOrderInput": ("lines",),
    "ChannelOrderLineInput": ("sku",),
    "OrderEditInput": ("lines",),
    "OrderLineChangeInput": ("quantity",),
}

EMAIL = "ana@example.com"


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""

    def make(quantity: int, *, place: bool = True) -> str:
        lines = [
            {
                "kind": "CHARGE",
                "title": "Postage",
                "quantity": quantity,
                "unitPrice": {"amount": "4.50", "currency": "EUR"},
            }
        ]
        given = {"channel": {"code": "web"}, "lines": lines, "place": place, "email": EMAIL}
        return office._id("orderCreate", "order", input=given)

    edited, cancelled = make(3), make(1)
    office.do("orderCancel", id=cancelled, input={"reason": "OTHER"})
    quoted = make(1, place=False)
    office.do("orderQuoteSend", id=quoted, input={"validUntil": "2999-01-01T00:00:00Z"})
    text = "query ($id: ID!) { order(by: {id: $id}) { lines { nodes { id } } } }"
    (line,) = office.ask(text, {"id": edited}).json()["data"]["order"]["lines"]["nodes"]
    return {
        "orderEdit.id": edited,
        "OrderLineChangeInput.lineId": line["id"],
        "OrderLineChangeInput.quantity": 2,
        "orderUncancel.id": cancelled,
        "orderMerge.id": make(1),
        "OrderMergeInput.orderIds": [make(1)],
        "orderQuoteSend.id": make(1, place=False),
        "OrderQuoteSendInput.validUntil": "2999-01-01T00:00:00Z",
        "orderQuoteAccept.id": quoted,
        "OrderQuoteAcceptInput.quote": 1,
        "ChannelOrderInput.externalId": "A-1",
        "ChannelOrderInput.changedAt": "2025-01-01T00:00:00Z",
        "ChannelOrderLineInput.externalId": "1",
        "ChannelOrderLineInput.sku": "MUG",
    }
