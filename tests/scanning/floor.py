"""A warehouse floor: locations, variants with barcodes, a scanner and whoever holds it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backoffice_api.domain.all_checks import CHECKS
from backoffice_api.domain.identity.commands.tokens import CreateToken, create_token
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.gtin import check_digit
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from backoffice_api.domain.products import queries as products
from backoffice_api.domain.products.commands.products import CreateProduct, create_product
from backoffice_api.domain.products.commands.variants import VariantDraft
from backoffice_api.domain.products.model import Barcode, BarcodeKind, PackLevel
from backoffice_api.domain.scanning.commands.devices import RegisterDevice, register_device
from backoffice_api.domain.scanning.commands.scans import TakeScans, take_scans
from backoffice_api.domain.scanning.model.scans import Scan, ScanKind, ScanOutcome
from backoffice_api.domain.stock.commands.lots import SetTracking, set_tracking
from backoffice_api.domain.stock.model.lots import Tracking
from tests.soundness import broken
from tests.stock.depot import Depot
from tests.world import NOW, World

START = NOW - timedelta(days=1)


def gtin(body: str) -> str:
    return body + check_digit(body)


MUG_GTIN, CASE_GTIN = gtin("400638133393"), gtin("1400638133393")


class Floor(Depot):
    """NORTH and SOUTH, with mugs in cases of twelve, and a scanner."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        token = CreateToken(name="Scanner", scopes=frozenset())
        self.token_id: UUID = world.run(create_token, token).value.id
        self.holder = Caller(Actor(ActorKind.TOKEN, self.token_id, "Scanner"), ALL_SCOPES)
        self.device_id = self.register("SCAN-1", token_id=self.token_id, location_id=self.north)
        self.mug = self.coded(
            "MUG",
            Barcode(MUG_GTIN, BarcodeKind.GTIN, 1),
            Barcode(CASE_GTIN, BarcodeKind.GTIN, 12, PackLevel.CASE),
            Barcode("SHELF-9", BarcodeKind.OTHER, 1),
        )

    def register(self, code: str, **values: Any) -> UUID:
        id: UUID = self.world.run(
            register_device, RegisterDevice(code=code, name=code, **values)
        ).value
        return id

    def coded(self, sku: str, *codes: Barcode) -> UUID:
        draft = VariantDraft(sku=sku, barcodes=codes)
        self.world.run(create_product, CreateProduct(title=sku, variants=(draft,)))
        id: UUID = self.world.read(products.variants_by_skus, [sku])[sku].id
        return id

    def track(self, variant_id: UUID, tracking: Tracking) -> None:
        self.world.run(set_tracking, SetTracking(variant_id=variant_id, tracking=tracking))

    def send(
        self, *scans: Scan, now: datetime = NOW, device_id: UUID | None = None
    ) -> Sequence[ScanOutcome]:
        command = TakeScans(id=device_id or self.device_id, scans=scans)
        answer = self.world.run(take_scans, command, caller=self.holder, now=now)
        outcomes: Sequence[ScanOutcome] = answer.value.outcomes
        return outcomes

    def said(self, *scans: Scan, **how: Any) -> Sequence[str]:
        """What became of each scan: the reason, or the status."""
        return [each.refusal or each.status.value for each in self.send(*scans, **how)]

    def stock(self) -> Mapping[tuple[str, str], int]:
        """Pieces by SKU and location, of what is there."""
        names = {self.north: "NORTH", self.south: "SOUTH"}
        levels = self.levels()
        known = self.world.read(products.variants_by_ids, {each[0] for each in levels})
        return {
            (known[variant_id].sku, names[location_id]): level.on_hand
            for (variant_id, location_id), level in levels.items()
            if level.on_hand
        }

    def ledger(self, variant_id: UUID) -> Mapping[tuple[Any, ...], int]:
        """What the ledger of a variant comes to, for each moment: pieces by kind and way.

        What went back and forth by the same kind at the same moment is taken off.
        """
        sums: Counter[tuple[Any, ...]] = Counter()
        for each in self.movements():
            if each.variant_id == variant_id:
                ends = sorted((each.from_location_id, each.to_location_id))
                sign = 1 if ends[0] == each.from_location_id else -1
                sums[each.occurred_at, each.kind, *ends] += sign * each.quantity
        return {key: pieces for key, pieces in sums.items() if pieces}

    def all_broken(self) -> Sequence[str]:
        return broken(self.world.database, CHECKS)

    @property
    def shown_device(self) -> str:
        return ids.text("dev", self.device_id)


def scan(
    sequence: int,
    kind: ScanKind = ScanKind.RECEIVE,
    code: str = "MUG",
    quantity: int = 1,
    *,
    at: float | None = None,
    **values: Any,
) -> Scan:
    """A scan, `at` so many minutes after the start of the day; else by its number."""
    moment = START + timedelta(minutes=sequence if at is None else at)
    given = {"sequence": sequence, "kind": kind, "code": code, "quantity": quantity}
    return Scan(**{**given, "scanned_at": moment, **values})
