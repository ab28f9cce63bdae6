"""A dock, places to keep things, a supplier, and a scanner."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from backoffice_api.domain.identity.commands.tokens import CreateToken, create_token
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from backoffice_api.domain.scanning.checks import CHECKS
from backoffice_api.domain.scanning.commands.devices import RegisterDevice, register_device
from backoffice_api.domain.scanning.commands.scans import TakeScans, take_scans
from backoffice_api.domain.scanning.model.scans import Scan, ScanOutcome
from backoffice_api.domain.slotting.commands.rules import (
    CreatePutawayRule,
    SetPickFace,
    create_putaway_rule,
    set_pick_face,
)
from backoffice_api.domain.stock.checks import CHECKS as STOCK_CHECKS
from backoffice_api.domain.stock.commands.capacity import (
    SetLocationCapacity,
    set_location_capacity,
)
from backoffice_api.domain.stock.model.locations import LocationKind
from tests.purchasing.desk import Desk
from tests.soundness import broken
from tests.world import NOW, World

TASKS = """
{ tasks {
  kind quantity title bucket variant { sku } lot { code }
  fromLocation { code } toLocation { code }
} }
"""


class Yard(Desk):
    """In NORTH, where goods come in: bins A1 and A2, a pick face P1 and a cage for what is broken.

    A and B are sold by ACME.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.north = self.depot.north
        bins = ("A1", "A2", "P1", "CAGE")
        made = {code: self.bin(code) for code in bins}
        self.a1, self.a2, self.p1, self.cage = (made[code] for code in bins)
        token = CreateToken(name="Scanner", scopes=())
        token_id = world.run(create_token, token).value.id
        self.holder = Caller(Actor(ActorKind.TOKEN, token_id, "Scanner"), ALL_SCOPES)
        self.token_id = token_id
        self.device_id = self.device("SCAN-1")

    def bin(self, code: str, **values: Any) -> UUID:
        given = {"kind": LocationKind.BIN, "parent_id": self.depot.north, **values}
        return self.depot.location(code, **given)

    def device(self, code: str) -> UUID:
        command = RegisterDevice(
            code=code, name=code, token_id=self.token_id, location_id=self.depot.north
        )
        id: UUID = self.world.run(register_device, command).value
        return id

    def rule(self, to: UUID, **values: Any) -> UUID:
        command = CreatePutawayRule(from_location_id=self.north, to_location_id=to, **values)
        id: UUID = self.world.run(create_putaway_rule, command).value
        return id

    def face(self, location_id: UUID, variant_id: UUID, minimum: int, maximum: int) -> UUID:
        command = SetPickFace(
            location_id=location_id, variant_id=variant_id, minimum=minimum, maximum=maximum
        )
        id: UUID = self.world.run(set_pick_face, command).value
        return id

    def holds(self, location_id: UUID, **values: Any) -> None:
        self.world.run(set_location_capacity, SetLocationCapacity(id=location_id, **values))

    def send(self, *scans: Scan, device_id: UUID | None = None) -> Sequence[ScanOutcome]:
        command = TakeScans(id=device_id or self.device_id, scans=scans)
        outcomes: Sequence[ScanOutcome] = self.world.run(
            take_scans, command, caller=self.holder, now=NOW
        ).value.outcomes
        return outcomes

    def said(self, *scans: Scan, **how: Any) -> Sequence[str]:
        return [each.refusal or each.status.value for each in self.send(*scans, **how)]

    def there(self, variant_id: UUID) -> Mapping[tuple[str, str], int]:
        """Pieces of a variant by code of the location and bucket."""
        names = {
            self.north: "NORTH",
            self.a1: "A1",
            self.a2: "A2",
            self.p1: "P1",
            self.cage: "CAGE",
        }
        return {
            (names[place], bucket.name): many
            for (place, bucket), many in self.depot.pieces(variant_id).items()
        }

    async def tasks(self, *kinds: str) -> Sequence[tuple[Any, ...]]:
        """What is open of these kinds: kind, pieces, SKU, from where, to where, condition, lot."""

        def code(of: Mapping[str, str] | None, name: str = "code") -> str | None:
            return of[name] if of else None

        found = (await self.world.graphql(TASKS))["tasks"]
        return [
            (
                each["kind"],
                each["quantity"],
                code(each["variant"], "sku"),
                code(each["fromLocation"]),
                code(each["toLocation"]),
                each["bucket"],
                code(each["lot"]),
            )
            for each in found
            if each["kind"] in kinds
        ]

    def all_broken(self) -> Sequence[str]:
        return broken(self.world.database, (*CHECKS, *STOCK_CHECKS))

    def shown_order(self, id: UUID) -> str:
        return ids.text("por", id)
