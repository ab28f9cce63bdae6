"""What the office needs of exchanges: goods that were sent and come back, and reasons for that."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import update

from backoffice_api.domain.fulfillment.model.fulfillments import DispatchGate, FulfillmentState
from backoffice_api.domain.fulfillment.tables import (
    fulfillment_lines,
    fulfillments,
    parcel_lines,
    parcels,
)
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders.tables import order_lines

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "ParcelWhereaboutsInput": ("carrier",),
    "CarrierClaimCreateInput": ("claimed",),
}

LINES = "query ($id: ID!) { order(by: {id: $id}) { lines { nodes { id } } } }"
FIRST = "query ($id: ID!) { return(id: $id) { lines { id } } }"
SPAN = {"since": "2025-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _Exchanging(office).examples()


class _Exchanging:
    def __init__(self, office: "Office") -> None:
        self.office = office

    def examples(self) -> Mapping[str, Any]:
        top, old = self._reason("top"), self._reason("old")
        self.office.do("returnReasonArchive", id=old)
        open_one = self.returned()
        return {
            "returnReason.id": top,
            "ReturnReasonCreateInput.code": "new",
            "ReturnReasonCreateInput.parentId": top,
            "ReturnReasonUpdateInput.parentId": top,
            "returnReasonUpdate.id": self._reason("changed"),
            "returnReasonArchive.id": self._reason("unused"),
            "returnReasonRestore.id": old,
            **{f"returnRates.{name}": value for name, value in SPAN.items()},
            "ExchangeCreateInput.returnId": open_one,
            "ExchangeLineInput.variantId": self._variant(),
            "exchange.id": self._exchange(),
            "exchangeCancel.id": self._exchange(),
            "exchangeSettle.id": self._settleable(),
            **self._claims(),
            "returnToSupplier.id": self._for_supplier(),
        }

    def _for_supplier(self) -> str:
        """A return of a lamp that was set aside where lamps were received."""
        text = '{ location(by: {code: "BUY"}) { id } }'
        place = self.office.ask(text).json()["data"]["location"]["id"]
        of = self._return(self._sent_order("LAMP")[1])
        self._inspect(of, place, "TO_SUPPLIER", "REFUND")
        return of

    def _claims(self) -> Mapping[str, Any]:
        order, line = self._sent_order()
        return {
            "ClaimOpenInput.lines": [{"orderLineId": line, "quantity": 1}],
            "ReturnLinkCreateInput.orderId": order,
            "ReturnLinkCreateInput.days": 7,
            "CarrierClaimCreateInput.returnId": self.returned(),
            "ParcelWhereaboutsInput.carrier": "ups",
            "ReturnShipmentCreateInput.returnId": self.returned(),
            "RefusalOpenInput.parcelId": self._parcel(),
            "carrierClaim.id": self._claim(),
            "carrierClaimSubmit.id": self._claim(),
            "carrierClaimGrant.id": self._claim("Submit"),
            "carrierClaimReject.id": self._claim("Submit"),
            "carrierClaimPay.id": self._claim("Submit", "Grant"),
            "carrierClaimWithdraw.id": self._claim(),
        }

    def _claim(self, *steps: str) -> str:
        input = {
            "returnId": self.returned(),
            "kind": "LOST",
            "where": {"carrier": "ups"},
            "claimed": {"amount": "1.00", "currency": "EUR"},
        }
        id = self.office._id("carrierClaimCreate", "claim", input=input)
        for step in steps:
            self.office.do(f"carrierClaim{step}", id=id, input={})
        return id

    def _parcel(self) -> str:
        """A parcel that has left with a mug in it."""
        order, line = self._sent_order()
        with self.office.database.writing.begin() as db:
            of, part, parcel = uuid4(), uuid4(), uuid4()
            now = datetime.now(UTC)
            aggregate = {"version": 1, "created_at": now, "updated_at": now, "shipped_at": now}
            db.execute(
                fulfillments.insert(),
                {
                    **aggregate,
                    "id": of,
                    "order_id": _key(order),
                    "location_id": _key(self.office.north),
                    "number": f"X-{of.hex[:8]}",
                    "status": FulfillmentState.SHIPPED,
                    "dispatch_gate": DispatchGate.NOT_REQUIRED,
                },
            )
            counts = dict.fromkeys(("quantity", "picked", "packed", "shipped"), 1)
            db.execute(
                fulfillment_lines.insert(),
                {
                    **counts,
                    "id": part,
                    "fulfillment_id": of,
                    "order_line_id": _key(line),
                    "variant_id": _key(self._variant()),
                    "position": 0,
                },
            )
            code = f"X-{parcel.hex[:8]}"
            ours = {"id": parcel, "fulfillment_id": of, "order_id": _key(order), "code": code}
            db.execute(parcels.insert(), {**aggregate, **ours})
            packed = {"parcel_id": parcel, "fulfillment_line_id": part, "quantity": 1}
            db.execute(parcel_lines.insert(), packed)
        return ids.text("pcl", parcel)

    def returned(self) -> str:
        """A return of a mug that is approved."""
        return self._return(self._sent())

    def _reason(self, code: str) -> str:
        input = {"code": code, "name": code}
        return self.office._id("returnReasonCreate", "reason", input=input)

    def _variant(self) -> str:
        text = '{ variant(by: {sku: "MUG"}) { id } }'
        id: str = self.office.ask(text).json()["data"]["variant"]["id"]
        return id

    def _sent(self) -> str:
        return self._sent_order()[1]

    def _sent_order(self, sku: str = "MUG") -> tuple[str, str]:
        """An order of which one piece has left the house, and its line."""
        input = {"channel": {"code": "web"}, "lines": [{"sku": sku, "quantity": 1}]}
        order = self.office._id("orderCreate", "order", input={**input, "place": True})
        found = self.office.ask(LINES, {"id": order}).json()["data"]["order"]["lines"]["nodes"]
        id: str = found[0]["id"]
        with self.office.database.writing.begin() as db:
            line = order_lines.c.id == _key(id)
            db.execute(update(order_lines).where(line).values(shipped=1))
        return order, id

    def _return(self, line: str) -> str:
        input = {"lines": [{"orderLineId": line, "quantity": 1}]}
        id = self.office._id("returnRequest", "return", input=input)
        self.office.do("returnApprove", id=id, input={})
        return id

    def _exchange(self, of: str | None = None) -> str:
        input = {
            "returnId": of or self.returned(),
            "lines": [{"variantId": self._variant(), "quantity": 1}],
        }
        return self.office._id("exchangeCreate", "exchange", input=input)

    def _settleable(self) -> str:
        """One whose pieces are here and were inspected."""
        of = self.returned()
        made = self._exchange(of)
        self._inspect(of, self.office.north, "SCRAP", "EXCHANGE")
        return made

    def _inspect(self, of: str, place: str, disposition: str, resolution: str) -> None:
        """Receive the only piece of a return, and decide about it."""
        line = self.office.ask(FIRST, {"id": of}).json()["data"]["return"]["lines"][0]["id"]
        pieces = {"lineId": line, "quantity": 1}
        self.office.do("returnReceive", id=of, input={"lines": [pieces], "locationId": place})
        decided = {**pieces, "disposition": disposition, "resolution": resolution}
        self.office.do("returnInspect", id=of, input={"pieces": [decided]})


def _key(id: str) -> UUID:
    parts = ids.split(id)
    assert parts is not None
    return parts[1]
