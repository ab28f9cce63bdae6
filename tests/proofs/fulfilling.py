"""What the office needs of fulfillment: examples of its inputs, and things to do them on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "FulfillmentFinishPickingInput": ("short",),
    "FulfillmentUpdateInput": ("priority",),
    "PackInput": ("lineId",),
    "ParcelLookup": ("id",),
    "ParcelUpdateInput": ("weightG",),
    "PickInput": ("lineId",),
}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _Hall(office).examples()


class _Hall:
    """Two sites, a bin, and fulfillments in every state."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        self.site, self.other = (self._site(code) for code in ("HALL", "SHED"))
        given = {"code": "BAY", "name": "Bay", "kind": "BIN", "parentId": self.site}
        self.bay = office._id("locationCreate", "location", input=given)
        channel = {"code": "hall", "name": "Hall", "currency": "EUR", "numberPrefix": "H-"}
        office._id("channelCreate", "channel", input=channel)
        price = {"amount": "10.00", "currency": "EUR"}
        made = office.do(
            "productCreate",
            "product { variants(first: 1) { nodes { id } } }",
            input={"title": "Jug", "variants": [{"sku": "JUG", "prices": [price]}]},
        )
        jug = made["variants"]["nodes"][0]["id"]
        lines = [
            {"variantId": jug, "locationId": id, "delta": 100} for id in (self.site, self.other)
        ]
        office.do("stockAdjust", input={"lines": lines})

    def examples(self) -> Mapping[str, Any]:
        return {
            **self._settings(),
            **self._unpicked(),
            **self._picked(),
            **self._packed(),
            **self._waves(),
        }

    def _site(self, code: str) -> str:
        return self.office._id("locationCreate", "location", input={"code": code, "name": code})

    def _order(self) -> str:
        lines = [{"sku": "JUG", "quantity": 2}]
        given = {"channel": {"code": "hall"}, "lines": lines, "place": True}
        return self.office._id("orderCreate", "order", input=given)

    def _planned(self, *verbs: str) -> tuple[str, str]:
        """Ids of a fulfillment and its line, after `verbs`."""
        given = {"orderIds": [self._order()], "locationIds": [self.site]}
        shown = "fulfillments { id lines { id } }"
        (made,) = self.office.do("fulfillmentPlan", shown, input=given)
        id, line = made["id"], made["lines"][0]["id"]
        for verb in verbs:
            self.office.do(f"fulfillment{verb}", id=id)
        return id, line

    def _pick(self, quantity: int) -> tuple[str, str]:
        id, line = self._planned("Release")
        picks = [{"lineId": line, "quantity": quantity}]
        self.office.do("fulfillmentPick", id=id, input={"picks": picks})
        return id, line

    def _settings(self) -> dict[str, Any]:
        days = {"weekdays": [1, 2, 3, 4, 5], "cutOff": 900}
        given = {"code": "week", "name": "Week", "timeZone": "UTC", **days}
        calendar = self.office._id("calendarSet", "calendar", input=given)
        box = {"code": "S", "name": "Small", "lengthMm": 200, "widthMm": 150, "heightMm": 100}
        self.box = self.office._id("packagingSet", "packaging", input={**box, "weightG": 90})
        return {
            "CalendarSetInput.timeZone": "Europe/Berlin",
            "CalendarSetInput.weekdays": [1, 2, 3],
            "CalendarSetInput.cutOff": 840,
            "FulfillmentSiteSetInput.locationId": self.site,
            "FulfillmentSiteSetInput.calendarId": calendar,
            "LocationWalkSetInput.locationId": self.site,
            "LocationWalkSetInput.placeIds": [self.bay],
        }

    def _unpicked(self) -> dict[str, Any]:
        order = self._order()
        planned, line = self._planned()
        whole, of_whole = self._planned()
        pieces = [{"lineId": of_whole, "quantity": 1}]
        part = self.office._id("fulfillmentSplit", "fulfillment", id=whole, input={"lines": pieces})
        return {
            "FulfillmentPlanInput.orderIds": [order],
            "fulfillmentPlanPreview.orderId": order,
            "fulfillment.id": planned,
            **{f"fulfillment{verb}.id": planned for verb in ("Update", "Split", "Release")},
            "FulfillmentLinePiecesInput.lineId": line,
            "fulfillmentMerge.id": whole,
            "FulfillmentMergeInput.fromIds": [part],
            "fulfillmentMove.id": self._planned()[0],
            "FulfillmentMoveInput.locationId": self.other,
            "fulfillmentCancel.id": self._planned()[0],
            "pickLists.locationId": self.site,
        }

    def _picked(self) -> dict[str, Any]:
        released, line = self._planned("Release")
        scanned, _ = self._planned("Release")
        short, _ = self._pick(1)
        called_off, _ = self._pick(1)
        self.office.do("fulfillmentCancel", id=called_off)
        text = "query ($id: ID!) { fulfillment(id: $id) { putBacks { id } } }"
        found = self.office.ask(text, {"id": called_off}).json()["data"]["fulfillment"]
        return {
            "fulfillmentPick.id": released,
            "PickInput.lineId": line,
            "pickScan.id": scanned,
            "PickScanInput.code": "JUG",
            "fulfillmentFinishPicking.id": short,
            "FulfillmentFinishPickingInput.short": True,
            "fulfillmentPutBack.id": found["putBacks"][0]["id"],
        }

    def _parcel(self, *, everything: bool) -> tuple[str, str, str]:
        """Ids of a parcel, its fulfillment and the line of that."""
        id, line = self._pick(2)
        given = {"fulfillmentId": id, "everything": everything, "packagingId": self.box}
        return self.office._id("parcelCreate", "parcel", input=given), id, line

    def _packed(self) -> dict[str, Any]:
        picked, _ = self._pick(2)
        empty, _, line = self._parcel(everything=False)
        full, _, _ = self._parcel(everything=True)
        removed, _, _ = self._parcel(everything=True)
        _, packed, _ = self._parcel(everything=True)
        _, ready, _ = self._parcel(everything=True)
        _, shipped, _ = self._parcel(everything=True)
        self.office.do("fulfillmentShip", id=shipped)
        return {
            "ParcelCreateInput.fulfillmentId": picked,
            "ParcelCreateInput.packagingId": self.box,
            "parcelPack.id": empty,
            "PackInput.lineId": line,
            "parcelUpdate.id": full,
            "ParcelLookup.id": full,
            "parcelRemove.id": removed,
            "fulfillmentReady.id": packed,
            "fulfillmentShip.id": ready,
            "fulfillmentDeliver.id": shipped,
        }

    def _waves(self) -> dict[str, Any]:
        def plan() -> str:
            self._planned()
            given = {"locationId": self.site, "limit": 1}
            return self.office._id("wavePlan", "wave", input=given)

        released, given_up = plan(), plan()
        self._planned()
        return {
            "wave.id": released,
            "waveRelease.id": released,
            "waveCancel.id": given_up,
            "WavePlanInput.locationId": self.site,
            "pickLists.waveId": released,
        }
