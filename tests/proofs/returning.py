"""What the office needs of returns: one in every state that a mutation asks for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "ReturnLineInput": ("orderLineId",),
    "ReturnReceiveInput": ("scans",),
}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _Returning(office).examples()


class _Returning:
    """An order of vases that is paid and has left the house, and returns of some of them."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        given = {"code": "VAULT", "name": "Vault"}
        self.site = office._id("locationCreate", "location", input=given)
        price = {"amount": "10.00", "currency": "EUR"}
        made = office.do(
            "productCreate",
            "product { variants(first: 1) { nodes { id } } }",
            input={"title": "Vase", "variants": [{"sku": "VASE", "prices": [price]}]},
        )
        vase = made["variants"]["nodes"][0]["id"]
        lines = [{"variantId": vase, "locationId": self.site, "delta": 500}]
        office.do("stockAdjust", input={"lines": lines})
        self.order, self.line = self._sent()

    def examples(self) -> Mapping[str, Any]:
        declined, _ = self._asked(kind="CLAIM")
        inspected, of_inspected = self._received()
        mended, of_mended = self._received()
        self._inspect(mended, of_mended, "BACK_TO_CUSTOMER", "REPAIR")
        # It lets nothing pass by itself: what others ask for waits for them.
        limit = {"amount": "0.00", "currency": "USD"}
        policy = {"code": "vases", "currency": "USD", "autoApprove": limit}
        return {
            "ReturnLineInput.orderLineId": self.line,
            "ReturnRequestInput.locationId": self.site,
            "ReturnReceiveInput.locationId": self.site,
            "ReturnScanInput.code": "VASE",
            "returnableLines.orderId": self.order,
            "return.id": inspected,
            "returnApprove.id": self._asked(kind="CLAIM")[0],
            "returnDecline.id": declined,
            "returnAwaitItems.id": self._approved()[0],
            "returnSendOff.id": self._approved()[0],
            "returnCancel.id": self._approved()[0],
            "returnWaive.id": self._approved()[0],
            "returnReceive.id": self._approved()[0],
            "returnInspect.id": inspected,
            "ReturnInspectedInput.lineId": of_inspected,
            "ReturnInspectedInput.disposition": "RESTOCK",
            "ReturnInspectedInput.resolution": "REFUND",
            "returnRepair.id": mended,
            "ReturnPiecesInput.lineId": of_mended,
            "returnRefund.id": self._payable(),
            "returnGoodwill.id": self._payable(),
            "ReturnGoodwillInput.amount": {"amount": "1.00", "currency": "EUR"},
            "returnResolve.id": self._paid(),
            "returnReopen.id": self._resolved(),
            "returnPolicy.id": self.office._id(
                "returnPolicySet", "returnPolicy", input={**policy, "windowDays": 1}
            ),
            "returnPolicyRemove.id": self.office._id(
                "returnPolicySet", "returnPolicy", input={**policy, "code": "gone"}
            ),
            "ReturnPolicySetInput.code": "tables",
        }

    def _sent(self) -> tuple[str, str]:
        given = {"channel": {"code": "hall"}, "lines": [{"sku": "VASE", "quantity": 90}]}
        made = self.office.do("orderCreate", "order { id }", input={**given, "place": True})
        order: str = made["id"]
        input = {"orderId": order, "method": "BANK_TRANSFER"}
        payment = self.office._id("paymentCreate", "payment", input=input)
        self.office.do("paymentRecord", id=payment, input={})
        planned = {"orderIds": [order], "locationIds": [self.site]}
        shown = "fulfillments { id lines { id orderLine { id } } }"
        (made,) = self.office.do("fulfillmentPlan", shown, input=planned)
        id, line = made["id"], made["lines"][0]
        self.office.do("fulfillmentRelease", id=id)
        picks = [{"lineId": line["id"], "quantity": 90}]
        self.office.do("fulfillmentPick", id=id, input={"picks": picks})
        self.office.do("fulfillmentShip", id=id)
        return order, line["orderLine"]["id"]

    def _asked(self, **how: Any) -> tuple[str, str]:
        """Ids of a return and its line."""
        lines = [{"orderLineId": self.line, "quantity": 2}]
        given = {"lines": lines, "locationId": self.site, **how}
        made = self.office.do("returnRequest", "return { id lines { id } }", input=given)
        return made["id"], made["lines"][0]["id"]

    def _approved(self) -> tuple[str, str]:
        id, line = self._asked(kind="CLAIM")
        self.office.do("returnApprove", id=id, input={})
        return id, line

    def _received(self) -> tuple[str, str]:
        id, line = self._approved()
        pieces = [{"lineId": line, "quantity": 2}]
        self.office.do("returnReceive", id=id, input={"lines": pieces})
        return id, line

    def _inspect(self, id: str, line: str, disposition: str, resolution: str) -> None:
        decided = {"disposition": disposition, "resolution": resolution}
        pieces = [{"lineId": line, "quantity": 2, **decided}]
        self.office.do("returnInspect", id=id, input={"pieces": pieces})

    def _payable(self) -> str:
        id, line = self._received()
        self._inspect(id, line, "RESTOCK", "REFUND")
        return id

    def _paid(self) -> str:
        id = self._payable()
        self.office.do("returnRefund", id=id, input={})
        return id

    def _resolved(self) -> str:
        id = self._paid()
        self.office.do("returnResolve", id=id)
        return id
