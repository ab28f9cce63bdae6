"""A gateway that speaks as Stripe does: payment intents, refunds, signed events.

Source: Stripe's API reference (payment intents, refunds, disputes, idempotent requests, webhook
signatures), API version 2024-06-20. Amounts are in the smallest unit, with Stripe's exceptions.
Calls are bounded in time and size, follow no redirects, and name our key in `Idempotency-Key`.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx2

from backoffice_api.adapters.signatures import is_signed
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.payments.model.gateways import (
    CardFacts,
    DisputeNews,
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

VERSION = "2024-06-20"
TIMEOUT_S = 20.0
CONNECT_TIMEOUT_S = 5.0
ANSWER_BYTES_MAX = 1_000_000
_LISTED_MAX = 100

# Currencies without decimals in ISO 4217 that Stripe writes with two.
_WITH_TWO_DECIMALS = frozenset({"ISK", "UGX"})
_DISPUTES = {
    "needs_response": DisputeNews.OPENED,
    "warning_needs_response": DisputeNews.OPENED,
    "under_review": DisputeNews.UNDER_REVIEW,
    "warning_under_review": DisputeNews.UNDER_REVIEW,
    "won": DisputeNews.WON,
    "warning_closed": DisputeNews.WON,
    "lost": DisputeNews.LOST,
}
_REFUNDS = {"succeeded": True, "failed": False, "canceled": False}


class StripeGateway:
    """`webhook_secret` None: no messages are taken in."""

    def __init__(
        self,
        url: str,
        api_secret: str,
        webhook_secret: str | None,
        *,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._webhook_secret = webhook_secret
        self._client = httpx2.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {api_secret}", "Stripe-Version": VERSION},
            timeout=httpx2.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S)),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        self._client.close()

    def authorize(self, charge: Charge) -> GatewayState:
        form = {
            "amount": str(_units(charge.amount)),
            "currency": charge.amount.currency.lower(),
            "confirm": "true",
            "capture_method": "automatic" if charge.capture else "manual",
            "description": charge.reference,
            "metadata[key]": charge.key,
            "expand[]": "latest_charge",
        }
        if charge.token is not None:
            form["payment_method"] = charge.token
        status, answer = self._send("POST", "/v1/payment_intents", form, key=charge.key)
        if status == 200:
            return _state(answer)
        error = answer.get("error", {})
        if "payment_intent" in error:
            return _state(error["payment_intent"], failure=_failure(error))
        # Refused as a whole: there is no payment there, and will be none by this key.
        return GatewayState(
            key=charge.key,
            reference=charge.key,
            status=GatewayStatus.FAILED,
            currency=charge.amount.currency,
            failure=_failure(error),
        )

    def capture(self, reference: str, amount: Money, key: str) -> GatewayState:
        form = {"amount_to_capture": str(_units(amount))}
        return self._change(reference, "capture", form, key)

    def void(self, reference: str, key: str) -> GatewayState:
        return self._change(reference, "cancel", {}, key)

    def refund(self, reference: str, amount: Money, key: str) -> GatewayRefund:
        form = {
            "payment_intent": reference,
            "amount": str(_units(amount)),
            "metadata[key]": key,
        }
        status, answer = self._send("POST", "/v1/refunds", form, key=key)
        if status == 200:
            return _refund(answer)
        return GatewayRefund(
            key=key,
            reference=key,
            payment_reference=reference,
            succeeded=False,
            currency=amount.currency,
            amount_minor=amount.minor,
            failure=_failure(answer.get("error", {})),
        )

    def find(self, key: str, reference: str | None) -> GatewayState | None:
        if reference is not None:
            return self._get(reference)
        # The search there lags behind; who finds nothing asks again with the same key.
        query = {"query": f"metadata['key']:'{key}'", "limit": "1"}
        found = self._listed("/v1/payment_intents/search", query)
        return _state(found[0]) if found else None

    def find_refund(self, reference: str, key: str) -> GatewayRefund | None:
        query = {"payment_intent": reference, "limit": str(_LISTED_MAX)}
        found = self._listed("/v1/refunds", query)
        return next((_refund(each) for each in found if _key(each) == key), None)

    def check_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> SignedEvent:
        header = headers.get("stripe-signature", "")
        if self._webhook_secret is None or not is_signed(self._webhook_secret, header, body, now):
            raise BadSignatureError
        event = json.loads(body)
        if not isinstance(event, dict) or not isinstance(event.get("id"), str):
            raise ValueError("no event")
        return SignedEvent(event["id"], str(event.get("type", "")))

    def read_event(self, body: bytes) -> GatewayNews | None:
        event = json.loads(body)
        try:
            thing = event["data"]["object"]
            match thing.get("object"):
                case "payment_intent":
                    return _state(thing)
                case "refund":
                    return _refund(thing)
                case "dispute":
                    return _dispute(thing)
        except (KeyError, TypeError, AttributeError):
            raise ValueError("an event that lacks something") from None
        return None

    def _change(self, reference: str, verb: str, form: Mapping[str, str], key: str) -> GatewayState:
        path = f"/v1/payment_intents/{reference}/{verb}"
        status, answer = self._send("POST", path, form, key=key)
        if status == 200:
            return _state(answer)
        error = answer.get("error", {})
        if "payment_intent" in error:
            return _state(error["payment_intent"], failure=_failure(error))
        return _state(self._known(reference), failure=_failure(error))

    def _get(self, reference: str) -> GatewayState:
        return _state(self._known(reference))

    def _known(self, reference: str) -> Mapping[str, Any]:
        query = {"expand[]": "latest_charge"}
        status, answer = self._send("GET", f"/v1/payment_intents/{reference}", query)
        if status != 200:
            raise GatewayTroubleError(f"status {status} for a payment that is known there")
        return answer

    def _listed(self, path: str, query: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
        """What a look-up finds. One that is refused says nothing about what is there.

        Raises:
            GatewayTroubleError: it is refused, or not answered.
        """
        status, answer = self._send("GET", path, query)
        found = answer.get("data")
        if status != 200 or not isinstance(found, list):
            raise GatewayTroubleError(f"status {status} of a look-up")
        return found

    def _send(
        self, method: str, path: str, fields: Mapping[str, str], *, key: str | None = None
    ) -> tuple[int, Mapping[str, Any]]:
        """Status and answer: 200, or 400 to 499 where the request was refused for good.

        Raises:
            GatewayTroubleError: anything else; nobody knows whether it was done.
        """
        headers = {} if key is None else {"Idempotency-Key": key}
        query, form = (fields, None) if method == "GET" else (None, fields)
        try:
            with self._client.stream(
                method, path, headers=headers, params=query, data=form
            ) as response:
                body = bytearray()
                for part in response.iter_bytes():
                    body += part
                    if len(body) > ANSWER_BYTES_MAX:
                        raise GatewayTroubleError("the answer is too large")
                status = response.status_code
        except httpx2.HTTPError as failure:
            raise GatewayTroubleError(type(failure).__name__) from None
        # 401 and 403 are about our secret, 409 and 429 about the moment.
        if status != 200 and (not 400 <= status < 500 or status in (401, 403, 409, 429)):
            raise GatewayTroubleError(f"status {status}")
        try:
            answer = json.loads(body)
        except ValueError:
            raise GatewayTroubleError("the answer is no JSON") from None
        if not isinstance(answer, dict):
            raise GatewayTroubleError("the answer is no object")
        return status, answer


def _state(intent: Mapping[str, Any], failure: str | None = None) -> GatewayState:
    """Raises: GatewayTroubleError."""
    try:
        currency = intent["currency"].upper()
        amount = _minor(intent["amount"], currency)
        received = _minor(intent.get("amount_received", 0), currency)
        capturable = _minor(intent.get("amount_capturable", 0), currency)
        status = _status(intent)
        authorized = received + capturable
        if status is GatewayStatus.OPEN and intent["status"] == "succeeded":
            # What was not captured with the last capture is given up by it.
            authorized = max(amount, received)
            if received < amount:
                status = GatewayStatus.CANCELLED
        last = intent.get("last_payment_error") or {}
        return GatewayState(
            key=_key(intent) or "",
            reference=intent["id"],
            status=status,
            currency=currency,
            authorized_minor=authorized,
            captured_minor=received,
            action_url=_action_url(intent),
            failure=failure or (_failure(last) if status is GatewayStatus.FAILED else None),
            card=_card(intent.get("latest_charge")),
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        raise GatewayTroubleError("the answer is no payment intent") from None


def _status(intent: Mapping[str, Any]) -> GatewayStatus:
    match intent["status"]:
        case "requires_capture" | "succeeded":
            return GatewayStatus.OPEN
        case "canceled":
            return GatewayStatus.CANCELLED
        case "requires_action" | "requires_confirmation":
            return GatewayStatus.REQUIRES_ACTION
        case "requires_payment_method" if intent.get("last_payment_error"):
            return GatewayStatus.FAILED
        case _:
            return GatewayStatus.PENDING


def _refund(refund: Mapping[str, Any]) -> GatewayRefund:
    """Raises: GatewayTroubleError."""
    try:
        currency = refund["currency"].upper()
        return GatewayRefund(
            key=_key(refund),
            reference=refund["id"],
            payment_reference=refund["payment_intent"],
            succeeded=_REFUNDS.get(refund["status"]),
            currency=currency,
            amount_minor=_minor(refund["amount"], currency),
            failure=refund.get("failure_reason"),
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        raise GatewayTroubleError("the answer is no refund") from None


def _dispute(dispute: Mapping[str, Any]) -> GatewayDispute:
    currency = dispute["currency"].upper()
    due = (dispute.get("evidence_details") or {}).get("due_by")
    return GatewayDispute(
        reference=dispute["id"],
        payment_reference=dispute["payment_intent"],
        news=_DISPUTES.get(dispute["status"], DisputeNews.OPENED),
        currency=currency,
        amount_minor=_minor(dispute["amount"], currency),
        reason=str(dispute.get("reason") or ""),
        respond_by=datetime.fromtimestamp(due, UTC) if due else None,
    )


def _key(thing: Mapping[str, Any]) -> str | None:
    """Our key, which we had written to it."""
    key = (thing.get("metadata") or {}).get("key")
    return key if isinstance(key, str) else None


def _failure(error: Mapping[str, Any]) -> str:
    """Stripe's code of a refusal. Never its message, which may quote what was sent."""
    return str(error.get("decline_code") or error.get("code") or error.get("type") or "refused")


def _action_url(intent: Mapping[str, Any]) -> str | None:
    redirect = (intent.get("next_action") or {}).get("redirect_to_url") or {}
    url = redirect.get("url")
    return url if isinstance(url, str) and url.startswith("https://") else None


def _card(charge: object) -> CardFacts | None:
    """What may be kept of the card."""
    if not isinstance(charge, dict):
        return None
    card = (charge.get("payment_method_details") or {}).get("card")
    if not card:
        return None
    year, month = card.get("exp_year"), card.get("exp_month")
    expires = f"{year:04}-{month:02}" if year and month else None
    return CardFacts(card.get("brand"), card.get("last4"), expires)


def _units(amount: Money) -> int:
    return amount.minor * (100 if amount.currency in _WITH_TWO_DECIMALS else 1)


def _minor(units: int, currency: str) -> int:
    if type(units) is not int:
        raise ValueError("no amount")
    return units // (100 if currency in _WITH_TWO_DECIMALS else 1)
