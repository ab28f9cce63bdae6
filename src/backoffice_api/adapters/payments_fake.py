"""A gateway without a bank: it does as it is told, also what gateways should not do.

For tests and for trying things out. Its messages are signed as a real one's would be.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

import msgspec

from backoffice_api.adapters.signatures import is_signed, sign
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.payments.model.gateways import (
    CardFacts,
    GatewayDispute,
    GatewayNews,
    GatewayRefund,
    GatewayState,
    GatewayStatus,
)
from backoffice_api.domain.payments.ports import (
    BadSignatureError,
    Charge,
    GatewayTroubleError,
    SignedEvent,
)

_SHAPES = {"state": GatewayState, "refund": GatewayRefund, "dispute": GatewayDispute}


class Manner(Enum):
    """How the next call goes."""

    DO = "do it"
    REFUSE = "refuse"
    TIME_OUT = "time out before anything is done"
    DO_AND_TIME_OUT = "do it, and time out before answering"
    LATER = "answer that it is under way; the result comes later"
    ASK_BUYER = "want the buyer to confirm"


@dataclass(slots=True)
class FakeGateway:
    """`manners`: how the next calls go, first one first; when there are none left, all goes well.

    `charged`, `refunded`: every time money moved, in minor units. `forgetful`: it does not know
    keys again, so that who asks twice charges twice.
    """

    secret: str = "fake"  # noqa: S105
    forgetful: bool = False
    manners: list[Manner] = field(default_factory=list)
    charged: list[int] = field(default_factory=list)
    refunded: list[int] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    _states: dict[str, GatewayState] = field(default_factory=dict)
    _refunds: dict[str, GatewayRefund] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def authorize(self, charge: Charge) -> GatewayState:
        with self._lock:
            manner = self._begin("authorize")
            if charge.key in self._states and not self.forgetful:
                return self._states[charge.key]
            state = GatewayState(
                key=charge.key,
                reference=f"fake_{len(self._states) + 1}_{charge.key[-12:]}",
                status=GatewayStatus.OPEN,
                currency=charge.amount.currency,
                authorized_minor=charge.amount.minor,
                captured_minor=charge.amount.minor if charge.capture else 0,
                card=CardFacts("visa", "4242", "2030-12"),
            )
            waiting = {Manner.LATER: "PENDING", Manner.ASK_BUYER: "REQUIRES_ACTION"}
            if manner is Manner.REFUSE:
                state = replace(_nothing(state, "FAILED"), failure="card_declined")
            elif manner in waiting:
                state = _nothing(state, waiting[manner])
                state = replace(state, action_url="https://bank.example/confirm")
            else:
                self.charged.append(charge.amount.minor)
            return self._end(manner, state)

    def capture(self, reference: str, amount: Money, key: str) -> GatewayState:
        with self._lock:
            manner = self._begin("capture")
            state = self._at(reference)
            if key in self._done and not self.forgetful:
                return state
            if manner is Manner.REFUSE:
                return replace(state, failure="expired")
            self._done.add(key)
            captured = state.captured_minor + amount.minor
            return self._end(manner, replace(state, captured_minor=captured))

    def void(self, reference: str, key: str) -> GatewayState:
        with self._lock:
            manner = self._begin("void")
            state = self._at(reference)
            if manner is Manner.REFUSE:
                return state
            return self._end(manner, replace(state, status=GatewayStatus.CANCELLED))

    def refund(self, reference: str, amount: Money, key: str) -> GatewayRefund:
        with self._lock:
            manner = self._begin("refund")
            if key in self._refunds and not self.forgetful:
                return self._refunds[key]
            succeeded: bool | None = True
            if manner in (Manner.REFUSE, Manner.LATER):
                succeeded = False if manner is Manner.REFUSE else None
            told = GatewayRefund(
                key=key,
                reference=f"refund_{len(self._refunds) + 1}_{key[-12:]}",
                payment_reference=reference,
                succeeded=succeeded,
                currency=amount.currency,
                amount_minor=amount.minor,
                failure=None if succeeded is not False else "insufficient_funds",
            )
            self._refunds[key] = told
            if succeeded:
                self.refunded.append(amount.minor)
            if manner is Manner.DO_AND_TIME_OUT:
                raise GatewayTroubleError("timed out")
            return told

    def find(self, key: str, reference: str | None) -> GatewayState | None:
        self.calls.append("find")
        return self._states.get(key)

    def find_refund(self, reference: str, key: str) -> GatewayRefund | None:
        self.calls.append("find_refund")
        return self._refunds.get(key)

    def check_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> SignedEvent:
        if not is_signed(self.secret, headers.get("fake-signature", ""), body, now):
            raise BadSignatureError
        event = json.loads(body)
        if not isinstance(event, dict) or not isinstance(event.get("id"), str):
            raise ValueError("no event")
        return SignedEvent(event["id"], str(event.get("type", "")))

    def read_event(self, body: bytes) -> GatewayNews | None:
        event = json.loads(body)
        shape = _SHAPES.get(event["type"])
        if shape is None:
            return None
        try:
            news: GatewayNews = msgspec.convert(event["data"], shape)
        except msgspec.ValidationError:
            raise ValueError("an event that lacks something") from None
        return news

    def message(
        self, id: str, news: GatewayNews | None, at: datetime
    ) -> tuple[bytes, Mapping[str, str]]:
        """Body and headers of a signed message. None: of a kind that nobody knows."""
        kinds = {shape: kind for kind, shape in _SHAPES.items()}
        kind = kinds[type(news)] if news else "weather"
        data = msgspec.to_builtins(news) if news else {}
        body = json.dumps({"id": id, "type": kind, "data": data}).encode()
        return body, {"fake-signature": sign(self.secret, body, at)}

    def state(self, key: str) -> GatewayState:
        """What it knows of the payment with our key."""
        return self._states[key]

    def become(self, key: str, **changes: object) -> GatewayState:
        """Let something happen at the bank."""
        self._states[key] = replace(self._states[key], **changes)  # type: ignore[arg-type]
        return self._states[key]

    def _begin(self, call: str) -> Manner | None:
        self.calls.append(call)
        manner = self.manners.pop(0) if self.manners else None
        if manner is Manner.TIME_OUT:
            raise GatewayTroubleError("timed out")
        return manner

    def _end(self, manner: Manner | None, state: GatewayState) -> GatewayState:
        self._states[state.key] = state
        if manner is Manner.DO_AND_TIME_OUT:
            raise GatewayTroubleError("timed out")
        return state

    def _at(self, reference: str) -> GatewayState:
        return next(each for each in self._states.values() if each.reference == reference)


def _nothing(state: GatewayState, status: str) -> GatewayState:
    """The state of a payment of which nothing has moved."""
    return replace(
        state, status=GatewayStatus[status], authorized_minor=0, captured_minor=0, card=None
    )
