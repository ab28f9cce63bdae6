"""What the office needs of a room: examples of its inputs, and things to do them on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "CountEntryInput": ("quantity",),
    "CountRecountInput": ("lineIds",),
    "LotUpdateInput": ("expiresOn",),
    "TransferReceiveInput": ("lines",),
    "TransferReceiveLineInput": ("accepted",),
    "TransferShipInput": ("lines",),
    "TransferUpdateInput": ("lines",),
}

DAY = "2026-01-31"  # it is over
LOTS = "query ($id: ID!) { lots(filter: {variantId: {eq: $id}}) { nodes { id code } } }"


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    store = _Store.open(office)
    return {
        **store.stock(),
        **store.lots(),
        **store.transfers(),
        **store.counts(),
    }


@dataclass(frozen=True, slots=True)
class _Store:
    """Two places to keep things, crates that are not told apart, jam in lots, and no tins."""

    office: "Office"
    dock: str
    shelf: str
    crate: str
    jam: str
    tin: str

    @classmethod
    def open(cls, office: "Office") -> "_Store":
        dock, shelf = (
            office._id("locationCreate", "location", input={"code": code, "name": code})
            for code in ("DOCK", "SHELF")
        )
        product = office.do(
            "productCreate",
            "product { variants(first: 3) { nodes { id sku } } }",
            input={
                "title": "Larder",
                "optionNames": ["Kind"],
                "variants": [
                    {"sku": sku, "optionValues": [sku.title()]} for sku in ("CRATE", "JAM", "TIN")
                ],
            },
        )
        found = {each["sku"]: each["id"] for each in product["variants"]["nodes"]}
        store = cls(office, dock, shelf, found["CRATE"], found["JAM"], found["TIN"])
        office.do("stockSetTracking", input={"variantId": store.jam, "tracking": "LOT"})
        lines: list[Mapping[str, Any]] = [
            {"variantId": store.crate, "locationId": place, "delta": 100} for place in (dock, shelf)
        ]
        lines += [
            {"variantId": store.jam, "locationId": dock, "delta": 100, "lot": {"code": code}}
            for code in ("GOOD", "BAD")
        ]
        office.do("stockAdjust", input={"lines": lines})
        return store

    def stock(self) -> dict[str, Any]:
        return {
            "LotInput.code": "NEW",
            "LotUpdateInput.expiresOn": DAY,
            "StockMoveLineInput.variantId": self.crate,
            "StockMoveLineInput.fromLocationId": self.dock,
            "StockMoveLineInput.toLocationId": self.shelf,
            "StockReconcileInput.locationId": self.shelf,
            "StockReportLineInput.variantId": self.crate,
            "StockReportLineInput.quantity": 98,
            "StockSetTrackingInput.variantId": self.tin,
            "StockSetTrackingInput.tracking": "SERIAL",
            "StockSetValuationInput.variantId": self.tin,
            "StockSetValuationInput.method": "FIFO",
            "StockForgetSnapshotsInput.since": DAY,
            "stockOn.variantId": self.crate,
            "stockOn.on": DAY,
            "stockValue.on": DAY,
            "stockPosition.variantId": self.crate,
        }

    def lots(self) -> dict[str, Any]:
        good, bad = (self._lot(code) for code in ("GOOD", "BAD"))
        self.office.do("lotBlock", id=bad)
        return {
            **dict.fromkeys(("lot.id", "lotUpdate.id", "lotBlock.id"), good),
            "lotUnblock.id": bad,
            "lotSuggestion.variantId": self.jam,
            "lotSuggestion.locationId": self.dock,
            "TransferLotInput.lotId": good,
        }

    def transfers(self) -> dict[str, Any]:
        """One in each state, of jam, so that lots are looked at, too."""
        draft, _ = self._transfer()
        cancelled, _ = self._transfer()
        reopened, _ = self._transfer("Ready")
        shipped, leaves = self._transfer("Ready")
        received, arrives = self._transfer("Ready", "Ship")
        lost, _ = self._transfer("Ready", "Ship")
        return {
            **dict.fromkeys(("transfer.id", "transferUpdate.id", "transferReady.id"), draft),
            "transferReopen.id": reopened,
            "transferShip.id": shipped,
            "transferReceive.id": received,
            "transferWriteOff.id": lost,
            "transferCancel.id": cancelled,
            "TransferCreateInput.fromLocationId": self.dock,
            "TransferCreateInput.toLocationId": self.shelf,
            "TransferLineInput.variantId": self.crate,
            "TransferShipLineInput.lineId": leaves,
            "TransferReceiveLineInput.lineId": arrives,
        }

    def counts(self) -> dict[str, Any]:
        """One in each state. Where there are numbers, they differ, but not too much."""
        planned, _ = self._count()
        begun, _ = self._count("Start")
        entered, _ = self._count("Start", "Enter")
        counted, _ = self._count("Start", "Enter", "Finish")
        again, line = self._count("Start", "Enter", "Finish", "Review")
        reviewed, _ = self._count("Start", "Enter", "Finish", "Review")
        return {
            **dict.fromkeys(("countTask.id", "countStart.id", "countCancel.id"), planned),
            "countEnter.id": begun,
            "countFinish.id": entered,
            "countReview.id": counted,
            "countRecount.id": again,
            "countPost.id": reviewed,
            "CountPlanInput.locationId": self.shelf,
            "CountEntryInput.variantId": self.crate,
            "CountEntryInput.locationId": self.shelf,
            "CountRecountInput.lineIds": [line],
        }

    def _lot(self, code: str) -> str:
        lots = self.office.ask(LOTS, {"id": self.jam}).json()["data"]["lots"]["nodes"]
        (found,) = [lot["id"] for lot in lots if lot["code"] == code]
        id: str = found
        return id

    def _transfer(self, *verbs: str) -> tuple[str, str]:
        """A transfer with which this was done, and its line."""
        input = {
            "fromLocationId": self.dock,
            "toLocationId": self.shelf,
            "lines": [{"variantId": self.jam, "quantity": 2}],
        }
        made = self.office.do("transferCreate", "transfer { id lines { id } }", input=input)
        for verb in verbs:
            given: dict[str, Any] = {"input": {}} if verb == "Ship" else {}
            self.office.do(f"transfer{verb}", id=made["id"], **given)
        return made["id"], made["lines"][0]["id"]

    def _count(self, *verbs: str) -> tuple[str, str]:
        """A count of crates with which this was done, and its line."""
        input = {"locationId": self.shelf, "variantIds": [self.crate], "recountPieces": 9}
        made = self.office.do(
            "countPlan", "countTask { id lines(first: 1) { nodes { id } } }", input=input
        )
        entry = {"variantId": self.crate, "locationId": self.shelf, "quantity": 99}
        for verb in verbs:
            given: dict[str, Any] = {"input": {"entries": [entry]}} if verb == "Enter" else {}
            self.office.do(f"count{verb}", id=made["id"], **given)
        return made["id"], made["lines"]["nodes"][0]["id"]
