"""A carrier that is none: it sells labels from a folder, and can be told to misbehave.

What it has sold lies in files, one for each key, so that it remembers across processes as a real
one would. The file `plan` has a word for each coming call, one a line; without one, all is well:

    ok       as it should be
    fail     says no
    silent   does nothing, and does not answer
    sold     does what it is asked, and then does not answer
    garbage  does what it is asked, and answers what nobody can read
    late     does what it is asked, after the file `go` has appeared or half a minute
"""

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from backoffice_api.adapters.carriers.label_paper import pdf, zpl
from backoffice_api.adapters.carriers.local import address_label
from backoffice_api.domain.shipping.model.carriers import Carrier
from backoffice_api.domain.shipping.model.handover import Manifest, Pickup
from backoffice_api.domain.shipping.model.rating import LineKind, PriceLine
from backoffice_api.domain.shipping.model.shipments import LabelFormat, Shipment
from backoffice_api.domain.shipping.ports import (
    CarrierRate,
    CarrierRefusal,
    CarrierSilent,
    Consignment,
    LabelFile,
    LabelOrder,
    Purchase,
    RateRequest,
)

LATE_MAX_S = 30.0
PRICE_MINOR, PRICE_PER_KG_MINOR = 500, 120
_POLL_S = 0.02


class FakeCarrier:
    """Sells under a key as often as it is asked to: that it happens once is our doing."""

    can_be_asked = True
    repeats_safely = False

    def __init__(self, folder: Path, carrier: Carrier) -> None:
        self._folder = folder
        self._carrier = carrier
        folder.mkdir(parents=True, exist_ok=True)

    def tell(self, *words: str) -> None:
        """What is to become of the coming calls."""
        (self._folder / "plan").write_text("\n".join(words))

    def planned(self) -> Sequence[str]:
        """The words that are still to come."""
        try:
            return (self._folder / "plan").read_text().split()
        except FileNotFoundError:
            return ()

    def let_go(self) -> None:
        """Let those calls go on that are late."""
        (self._folder / "go").touch()

    def sold(self) -> Sequence[str]:
        """The keys under which labels were sold, one for each sale."""
        return sorted(each.name.split(".")[0] for each in self._folder.glob("*.sold"))

    def rates(self, request: RateRequest) -> Sequence[CarrierRate]:
        word = self._begin()
        if word in ("garbage", "sold"):
            raise CarrierSilent("The answer could not be read")
        minor = PRICE_MINOR + PRICE_PER_KG_MINOR * -(-request.weight_g // 1_000)
        line = PriceLine(LineKind.WEIGHT, "Parcel", minor)
        return [CarrierRate("parcel", self._carrier.currency, (line,), None)]

    def buy_label(self, order: LabelOrder) -> Purchase:
        word = self._begin()
        number = f"FK{order.key[-12:].upper()}"
        facts = {
            "number": number,
            "cost": order.shipment.quoted_minor or PRICE_MINOR,
            "pdf": pdf(address_label(self._carrier, order, number)).hex(),
            "zpl": zpl(address_label(self._carrier, order, number)).hex(),
            "drop_off": f"DO-{number}" if order.is_return else None,
        }
        self._sell(order.key, facts)
        if word == "sold":
            raise CarrierSilent("The connection was lost")
        return self._purchase({"number": "\0", "cost": -1} if word == "garbage" else facts)

    def find_label(self, order: LabelOrder) -> Purchase | None:
        found = next(iter(sorted(self._folder.glob(f"{order.key}.*sold"))), None)
        return None if found is None else self._purchase(json.loads(found.read_text()))

    def void_label(self, shipment: Consignment) -> None:
        word = self._begin()
        (self._folder / f"{shipment.purchase_key}.void").write_text("")
        if word in ("sold", "garbage"):
            raise CarrierSilent("The connection was lost")

    def close_manifest(self, manifest: Manifest, shipments: Sequence[Shipment]) -> str | None:
        word = self._begin()
        (self._folder / f"{manifest.number}.manifest").write_text(str(len(shipments)))
        if word in ("sold", "garbage"):
            raise CarrierSilent("The connection was lost")
        return f"FM-{manifest.number}"

    def request_pickup(self, pickup: Pickup) -> str:
        word = self._begin()
        (self._folder / f"{pickup.id.hex}.pickup").write_text(str(pickup.pieces))
        if word in ("sold", "garbage"):
            raise CarrierSilent("The connection was lost")
        return f"FP-{pickup.id.hex[-8:].upper()}"

    def cancel_pickup(self, pickup: Pickup) -> None:
        self._begin()
        with suppress(FileNotFoundError):
            (self._folder / f"{pickup.id.hex}.pickup").unlink()

    def _begin(self) -> str:
        """The word for this call, which is taken off the plan."""
        word = self._next_word()
        if word == "fail":
            raise CarrierRefusal("The address is not served")
        if word == "silent":
            raise CarrierSilent("No answer within the time")
        if word == "late":
            for _ in range(int(LATE_MAX_S / _POLL_S)):
                if (self._folder / "go").exists():
                    break
                time.sleep(_POLL_S)
        return word

    def _next_word(self) -> str:
        words = self.planned()
        if not words:
            return "ok"
        self.tell(*words[1:])
        return words[0]

    def _sell(self, key: str, facts: dict[str, Any]) -> None:
        """Each sale is a file of its own: a second one under a key would be seen."""
        count = len(list(self._folder.glob(f"{key}.*sold")))
        with (self._folder / f"{key}.{count}.sold").open("x") as file:
            json.dump(facts, file)
            file.flush()
            os.fsync(file.fileno())

    def _purchase(self, facts: dict[str, Any]) -> Purchase:
        files = [
            LabelFile(format, bytes.fromhex(facts[format.value]))
            for format in (LabelFormat.PDF, LabelFormat.ZPL)
            if format.value in facts
        ]
        number, code = str(facts["number"]), facts.get("drop_off")
        cost, currency = int(facts["cost"]), self._carrier.currency
        return Purchase(number, number, cost, currency, tuple(files), code)
