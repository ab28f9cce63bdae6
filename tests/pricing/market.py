"""A shop with price lists."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.pricing import queries
from backoffice_api.domain.pricing.commands.lists import (
    ActivatePriceList,
    CreatePriceList,
    SetListPrices,
    activate_price_list,
    create_price_list,
    set_list_prices,
)
from backoffice_api.domain.pricing.model.lists import PriceDraft
from backoffice_api.domain.pricing.model.offers import Buyer, PriceAnswer
from tests.orders.shop import Shop
from tests.world import NOW, World

DAY = timedelta(days=1)


def euro(amount: int) -> UnitPrice:
    return UnitPrice(amount * 1_000_000, "EUR")


class Market(Shop):
    """A cup at 10 euros, and whatever lists a test makes."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.cup = self.variant("CUP", 1_000)

    def customer(self, *tags: str) -> UUID:
        id: UUID = self.world.run(create_customer, customer(*tags)).value
        return id

    def draft_list(self, code: str, now: datetime = NOW, **values: Any) -> UUID:
        command = CreatePriceList(**{"code": code, "name": code, "currency": "EUR", **values})
        id: UUID = self.world.run(create_price_list, command, now=now).value
        return id

    def list(self, code: str, *prices: PriceDraft, now: datetime = NOW, **values: Any) -> UUID:
        """A list that is in use, with prices."""
        id = self.draft_list(code, now=now, **values)
        self.world.run(activate_price_list, ActivatePriceList(id=id), now=now)
        self.set(id, *prices, now=now)
        return id

    def set(self, list_id: UUID, *prices: PriceDraft, now: datetime = NOW) -> None:
        self.world.run(set_list_prices, SetListPrices(id=list_id, prices=prices), now=now)

    def price(self, amount: int | None, minimum: int = 1, **values: Any) -> PriceDraft:
        given = {"variant_id": self.cup, "minimum_quantity": minimum, **values}
        return PriceDraft(unit_price=None if amount is None else euro(amount), **given)

    def answer(
        self, quantity: int = 1, *, at: datetime = NOW, tags: Sequence[str] = ()
    ) -> PriceAnswer:
        buyer = Buyer(self.channel_id, frozenset(tags), quantity, at)
        found: PriceAnswer = self.world.read(queries.price_for, self.cup, "EUR", buyer)
        return found

    def costs(self, quantity: int = 1, **how: Any) -> int | None:
        """What one cup costs, in euros."""
        found = self.answer(quantity, **how).unit_price
        return None if found is None else found.micro // 1_000_000


def customer(*tags: str) -> CreateCustomer:
    return CreateCustomer(draft=CustomerDraft(kind=CustomerKind.PERSON, name="Ana", tags=tags))
