"""What the office needs of exchanges: goods that were sent and come back, and reasons for that."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.orders.tables import order_lines

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {}

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
        }

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
        """A line of an order whose mug has left the house."""
        input = {"channel": {"code": "web"}, "lines": [{"sku": "MUG", "quantity": 1}]}
        order = self.office._id("orderCreate", "order", input={**input, "place": True})
        found = self.office.ask(LINES, {"id": order}).json()["data"]["order"]["lines"]["nodes"]
        id: str = found[0]["id"]
        with self.office.database.writing.begin() as db:
            line = order_lines.c.id == _key(id)
            db.execute(update(order_lines).where(line).values(shipped=1))
        return id

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
        line = self.office.ask(FIRST, {"id": of}).json()["data"]["return"]["lines"][0]["id"]
        pieces = {"lineId": line, "quantity": 1}
        received = {"lines": [pieces], "locationId": self.office.north}
        self.office.do("returnReceive", id=of, input=received)
        decided = {**pieces, "disposition": "SCRAP", "resolution": "EXCHANGE"}
        self.office.do("returnInspect", id=of, input={"pieces": [decided]})
        return made


def _key(id: str) -> UUID:
    parts = ids.split(id)
    assert parts is not None
    return parts[1]
