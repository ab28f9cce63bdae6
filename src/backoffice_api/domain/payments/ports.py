"""What payments need of the outside: gateways, which move money, and tell what happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.payments.model.gateways import (
    GatewayNews,
    GatewayRefund,
    GatewayState,
)


class GatewayTroubleError(Exception):
    """The gateway did not answer, or not sensibly: nobody knows whether it was done.

    The caller asks again later, by our key. The message must hold no secrets and no personal data.
    """


class BadSignatureError(Exception):
    """What came in is not signed by the provider, or was signed too long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """An amount to be set aside, or captured at once. `key`: our name of the payment there.

    `token`: what the provider made of a card; `reference`: what our books call it.
    """

    key: str
    amount: Money
    token: str | None
    capture: bool
    reference: str


@dataclass(frozen=True, slots=True)
class SignedEvent:
    """An event whose signature is right: its id at the provider, and what it calls its type."""

    id: str
    type: str


class Gateway(Protocol):
    """A provider. Every call is bounded in time; every key is used for one thing only.

    Calls answer with the whole state by now. They may be repeated with the same key: what was
    done is not done again. Each may raise GatewayTroubleError.
    """

    def authorize(self, charge: Charge) -> GatewayState:
        """Set an amount aside, or capture it at once. A refusal is a state, too."""

    def capture(self, reference: str, amount: Money, key: str) -> GatewayState:
        """Capture part of what is set aside, or all of it."""

    def void(self, reference: str, key: str) -> GatewayState:
        """Give up what is set aside and not captured."""

    def refund(self, reference: str, amount: Money, key: str) -> GatewayRefund:
        """Pay part of what was captured back, or all of it."""

    def find(self, key: str, reference: str | None) -> GatewayState | None:
        """The payment with our key, by its reference if we know it. None: it knows none."""

    def find_refund(self, reference: str, key: str) -> GatewayRefund | None:
        """The refund with our key of a payment. None: it knows none."""

    def check_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> SignedEvent:
        """What a signed message is about. Names of headers are in small letters.

        Raises:
            BadSignatureError: it is not signed, or too old.
            ValueError: it is signed, and no event.
        """

    def read_event(self, body: bytes) -> GatewayNews | None:
        """What an event tells. None: nothing that we know of.

        Raises:
            ValueError: it lacks what events of its type have.
        """
