"""New payments: what they are made of, and what is refused before they are."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.payments.model.payments import (
    BY_HAND,
    MACHINE,
    REFERENCE_LENGTH_MAX,
    Payment,
    PaymentMethod,
)

_PROVIDER = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)


@dataclass(eq=False)
class ProviderNotFit(Invalid):
    """The method and the provider do not go together, or the provider's name is none."""

    method: str
    message = "With the method {method} this provider cannot be used."


@dataclass(eq=False)
class CardNumberGiven(Invalid):
    """A card number stands where the token of a provider belongs. It was not kept."""

    message = "This looks like a card number: give the token that the provider made of it."


def looks_like_card_number(text: str) -> bool:
    """Whether a text holds 12 to 19 digits that pass the check of ISO/IEC 7812 (Luhn)."""
    digits = [int(each) for each in text if each in "0123456789"]
    others = [each for each in text if each not in "0123456789 -"]
    if others or not 12 <= len(digits) <= 19:
        return False
    doubled = [2 * each if at % 2 else each for at, each in enumerate(reversed(digits))]
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def check_provider(faults: Faults, method: PaymentMethod, provider: str) -> None:
    """Note if provider and method do not go together: cards need a gateway, some have none."""
    by_gateway = {PaymentMethod.CARD, PaymentMethod.PIX, PaymentMethod.BOLETO}
    is_fit = _PROVIDER.fullmatch(provider) and (
        method in by_gateway if provider != BY_HAND else method is not PaymentMethod.CARD
    )
    if not is_fit:
        faults.add(ProviderNotFit(method.value).at("provider"))


def check_token(faults: Faults, token: str | None) -> None:
    """Note if what should be a provider's token is none, or is a card number."""
    check_text(token, faults, "token", maximum=REFERENCE_LENGTH_MAX)
    if token is not None and looks_like_card_number(token):
        faults.add(CardNumberGiven().at("token"))


def new_payment(
    id: UUID, now: datetime, order_id: UUID, method: PaymentMethod, amount: Money
) -> Payment:
    """A payment of which nothing has moved, by hand."""
    return Payment(
        id=id,
        version=1,
        created_at=now,
        updated_at=now,
        order_id=order_id,
        method=method,
        provider=BY_HAND,
        status=MACHINE.start,
        currency=amount.currency,
        amount_minor=amount.minor,
        authorized_minor=0,
        captured_minor=0,
        voided_minor=0,
        refunded_minor=0,
        refunding_minor=0,
        charged_back_minor=0,
        capture_at_once=False,
        pending_operation=None,
        expires_at=None,
        due_on=None,
        provider_reference=None,
        pay_code=None,
        bar_code=None,
        action_url=None,
        card_brand=None,
        card_last_four=None,
        card_expires=None,
        failure=None,
        note="",
    )
