"""Somebody who picks and packs with a phone."""

from backoffice_api.domain.identity.commands.tokens import CreateToken, create_token
from backoffice_api.domain.kernel.reach import EVERYWHERE
from backoffice_api.domain.kernel.scopes import ALL_SCOPES
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from backoffice_api.domain.scanning.commands.devices import RegisterDevice, register_device
from backoffice_api.domain.scanning.commands.scans import TakeScans, take_scans
from tests.fulfillment.hall import Hall


class Crew(Hall):
    """Somebody with a phone in NORTH, where there are 9 mugs and 9 cups."""

    def __init__(self, world):
        super().__init__(world)
        self.variant("MUG", 9)
        self.variant("CUP", 9)
        token = CreateToken(name="Phone", scopes=frozenset())
        token_id = world.run(create_token, token).value.id
        self.actor = Actor(ActorKind.TOKEN, token_id, "Phone")
        register = RegisterDevice(code="PHONE", name="Phone", token_id=token_id)
        self.device_id = world.run(register_device, register).value

    def ready(self, *lines):
        """The number of a fulfillment that is to be picked, and its id."""
        id = self.planned(*lines)
        self.release(id)
        return self.of(id).number, id

    def said(self, *scans, scopes=ALL_SCOPES, reach=EVERYWHERE):
        who = Caller(self.actor, frozenset(scopes), reach)
        answer = self.world.run(take_scans, TakeScans(id=self.device_id, scans=scans), caller=who)
        return [each.refusal or each.status.value for each in answer.value.outcomes]
