"""Scans of the hall: picks and packs, which are of a fulfillment."""

from dataclasses import dataclass

from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused


@dataclass(eq=False)
class NoSuchFulfillment(Missing):
    """No fulfillment has this number or id, or the scan names none."""

    name: str
    message = "There is no fulfillment {name!r:.90} to work on."


@dataclass(eq=False)
class SeveralFulfillments(Refused):
    """Channels have orders of one number: the number does not say which fulfillment is meant."""

    name: str
    message = "Several fulfillments have the number {name!r:.90}: name one by its id."


@dataclass(eq=False)
class NoParcel(Invalid):
    """A pack says into which parcel: by its code or id, or by the code of one that is begun."""

    message = "Say into which parcel."
