"""What the office needs of buying: examples of its inputs, and things to do them on.

Also of what channels may sell beyond the stock, which waits for what is bought.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.serving import new_token

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "ChosenSuggestionInput": ("quantity",),
    "PurchaseOrderLineInput": ("sku",),
    "PurchaseOrderLookup": ("id",),
    "PurchaseOrderUpdateInput": ("note",),
    "PurchaseReceiptLineInput": ("lineId", "accepted"),
    "SupplierBankChangeProposeInput": ("details",),
    "SupplierBankDetailsInput": ("iban",),
    "SupplierItemLookup": ("id",),
    "SupplierItemUpdateInput": ("title",),
    "SupplierLookup": ("code",),
    "SupplierUpdateInput": ("name",),
}

IBAN = "DE89370400440532013000"
CREATE = """
mutation ($input: PurchaseOrderCreateInput!) {
  done: purchaseOrderCreate(input: $input) {
    purchaseOrder { id lines(first: 1) { nodes { id } } } userErrors { code path }
  }
}
"""
SUBMIT = """
mutation ($id: ID!) {
  done: purchaseOrderSubmit(id: $id) { purchaseOrder { id } userErrors { code path } }
}
"""


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _Buying(office).examples()


class _Buying:
    """A warehouse, two variants, and a supplier of one of them."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        # Makes the orders that the office approves.
        self.buyer = new_token(office.database)
        self.place = office._id("locationCreate", "location", input={"code": "BUY", "name": "Buy"})
        self.lamp, self.bulb = self._variant("LAMP"), self._variant("BULB")
        self.supplier = self._supplier("LUX")

    def examples(self) -> Mapping[str, Any]:
        return {
            "Date": "2999-01-01",
            **self._suppliers(),
            **self._items(),
            **self._bank(),
            **self._orders(),
            **self._arrivals(),
            **self._replenishment(),
            **self._channels(),
        }

    def _variant(self, sku: str) -> str:
        variants = [{"sku": sku, "prices": [{"amount": "10.00", "currency": "EUR"}]}]
        shown = "product { variants(first: 1) { nodes { id } } }"
        made = self.office.do("productCreate", shown, input={"title": sku, "variants": variants})
        id: str = made["variants"]["nodes"][0]["id"]
        return id

    def _supplier(self, code: str) -> str:
        input = {"code": code, "name": code, "currency": "EUR"}
        return self.office._id("supplierCreate", "supplier", input=input)

    def _suppliers(self) -> dict[str, Any]:
        idle = self._supplier("IDLE")
        return {
            **{f"supplier{verb}.id": idle for verb in ("Update", "Archive")},
            "supplierRestore.id": self.office._archived(
                "supplier", code="OLD", name="Old", currency="EUR"
            ),
            "SupplierLookup.code": "LUX",
            "SupplierCreateInput.code": "NEW",
            "SupplierAddressInput.country": "BR",
        }

    def _items(self) -> dict[str, Any]:
        def make(sku: str, **more: Any) -> str:
            price = {"unitPrice": {"amount": "1.25", "currency": "EUR"}}
            given = {"supplierId": self.supplier, "supplierSku": sku, "prices": [price], **more}
            return self.office._id("supplierItemCreate", "item", input=given)

        item = make("LUX-1", variantId=self.lamp, isPreferred=True)
        old = make("LUX-0", variantId=self.bulb)
        self.office.do("supplierItemArchive", id=old)
        return {
            **{f"supplierItem{verb}.id": item for verb in ("Update", "Archive")},
            "supplierItemRestore.id": old,
            "SupplierItemLookup.id": item,
            "SupplierSkuInput.supplier": "LUX",
            "SupplierSkuInput.supplierSku": "LUX-1",
            "SupplierItemCreateInput.supplierId": self.supplier,
            "SupplierItemCreateInput.variantId": self.bulb,
            "SupplierItemCreateInput.supplierSku": "LUX-2",
        }

    def _bank(self) -> dict[str, Any]:
        """Two changes that wait for somebody."""

        def propose() -> str:
            details = {"holder": "Lux", "iban": IBAN}
            input = {"supplierId": self.supplier, "kind": "ADD", "details": details}
            return self.office._id("supplierBankChangePropose", "change", input=input)

        return {
            "SupplierBankChangeProposeInput.supplierId": self.supplier,
            "SupplierBankDetailsInput.iban": IBAN,
            "supplierBankChangeApprove.id": propose(),
            "supplierBankChangeReject.id": propose(),
        }

    def _as_buyer(self, query: str, **given: Any) -> Any:
        answer = self.office.ask(query, given, self.buyer).json()
        assert "errors" not in answer, answer
        assert answer["data"]["done"]["userErrors"] == [], answer
        return answer["data"]["done"]["purchaseOrder"]

    def _order(self, *verbs: str) -> tuple[str, str]:
        """Ids of an order and its line, after `verbs`: none leaves a draft."""
        input = {
            "supplierId": self.supplier,
            "locationId": self.place,
            "lines": [{"sku": "LAMP", "quantity": 10}],
        }
        order = self._as_buyer(CREATE, input=input)
        id, line = order["id"], order["lines"]["nodes"][0]["id"]
        for verb in verbs:
            if verb == "Submit":
                self._as_buyer(SUBMIT, id=id)
            else:
                more: dict[str, Any] = {"input": {}} if verb == "Confirm" else {}
                self.office.do(f"purchaseOrder{verb}", id=id, **more)
        return id, line

    def _orders(self) -> dict[str, Any]:
        draft, _ = self._order()
        pending, _ = self._order("Submit")
        approved, _ = self._order("Submit", "Approve")
        sent, line = self._order("Submit", "Approve", "Send")
        by_verb = dict.fromkeys(("Update", "Submit"), draft)
        by_verb |= dict.fromkeys(("Approve", "Decline"), pending)
        by_verb |= dict.fromkeys(("Confirm", "CancelOpen", "Cancel"), sent)
        by_verb["Send"] = approved
        return {
            **{f"purchaseOrder{verb}.id": id for verb, id in by_verb.items()},
            "PurchaseOrderLookup.id": sent,
            "PurchaseOrderConfirmLineInput.lineId": line,
            "PurchaseOrderLinePiecesInput.lineId": line,
            "PurchaseOrderCreateInput.supplierId": self.supplier,
            "PurchaseOrderCreateInput.locationId": self.place,
            "PurchaseOrderLineInput.sku": "LAMP",
        }

    def _arrivals(self) -> dict[str, Any]:
        """One order that comes, one that came in part, and one that came."""
        confirmed = ("Submit", "Approve", "Send", "Confirm")
        (coming, awaited), (part, line), (whole, last) = (self._order(*confirmed) for _ in range(3))

        def receive(id: str, line: str, many: int) -> str:
            input = {"lines": [{"lineId": line, "accepted": many}]}
            return self.office._id("purchaseOrderReceive", "receipt", id=id, input=input)

        receipt = receive(part, line, 4)
        receive(whole, last, 10)
        return {
            "purchaseOrderReceive.id": coming,
            "PurchaseReceiptLineInput.lineId": awaited,
            "purchaseReceiptSetCharges.id": receipt,
            "purchaseReturnCreate.id": part,
            "PurchaseReturnLineInput.lineId": line,
            "purchaseOrderCloseShort.id": part,
            "purchaseOrderClose.id": whole,
        }

    def _replenishment(self) -> dict[str, Any]:
        kept = {"variantId": self.lamp, "locationId": self.place, "method": "MIN_MAX"}
        rules = [{**kept, "minimum": 50, "maximum": 90}]
        (rule,) = self.office.do("replenishmentRulesSet", "rules { id }", input={"rules": rules})
        return {
            "replenishmentRuleRemove.id": rule["id"],
            "ChosenSuggestionInput.ruleId": rule["id"],
            "ReplenishmentRuleInput.variantId": self.bulb,
            "ReplenishmentRuleInput.locationId": self.place,
            "availableToPromise.variantId": self.lamp,
        }

    def _channels(self) -> dict[str, Any]:
        """A channel that sold what is not there."""
        input = {"code": "ahead", "name": "Ahead", "currency": "EUR"}
        channel = self.office._id("channelCreate", "channel", input=input)
        rules = [{"channelId": channel, "variantId": self.bulb, "backorderLimit": 5}]
        (rule,) = self.office.do("channelStockRulesSet", "rules { id }", input={"rules": rules})
        lines = [{"sku": "BULB", "quantity": 2}]
        given = {"channel": {"code": "ahead"}, "lines": lines, "place": True}
        self.office.do("orderCreate", input=given)
        found = self.office.ask("{ backorders { nodes { id } } }").json()
        (waiting,) = found["data"]["backorders"]["nodes"]
        return {
            "channelStock.channelId": channel,
            "channelStock.variantIds": [self.lamp],
            "ChannelStockRuleInput.channelId": channel,
            "ChannelStockTellInput.channelId": channel,
            "ChannelStockTellInput.variantIds": [self.lamp],
            "ChannelStockReconcileInput.channelId": channel,
            "ChannelStockReportInput.variantId": self.lamp,
            "channelStockRuleRemove.id": rule["id"],
            "backorderPrioritize.id": waiting["id"],
        }
