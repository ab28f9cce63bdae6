"""Amounts of money and prices of one unit."""

from decimal import Decimal

import strawberry

from backoffice_api.domain.kernel import money
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.scalars import BigInt, CurrencyCode


@described
class Money:
    """An amount of one currency, exact to its smallest unit."""

    amount: Decimal = about('In the currency\'s main unit, as in "12.50".')
    currency: CurrencyCode = about("The currency of the amount.")

    @strawberry.field(description="The same amount in the currency's smallest unit (cents).")
    def minor_units(parent: strawberry.Parent[money.Money]) -> BigInt:
        return BigInt(parent.minor)


@described
class UnitPrice:
    """What one piece costs. May be finer than the currency's smallest unit, up to 6 decimals."""

    amount: Decimal = about('In the currency\'s main unit, as in "0.055".')
    currency: CurrencyCode = about("The currency of the price.")


@strawberry.input(description="An amount of one currency, no finer than its smallest unit.")
class MoneyInput:
    amount: Decimal = about('In the currency\'s main unit, as in "12.50".')
    currency: CurrencyCode = about("The currency of the amount.")

    def value(self) -> money.Money:
        """Raises: TooPrecise, AmountTooLarge."""
        return money.Money.of(self.amount, self.currency)


@strawberry.input(description="What one piece costs: up to 6 decimals.")
class UnitPriceInput:
    amount: Decimal = about('In the currency\'s main unit, as in "0.055".')
    currency: CurrencyCode = about("The currency of the price.")

    def value(self) -> money.UnitPrice:
        """Raises: TooPrecise, AmountTooLarge."""
        return money.UnitPrice.of(self.amount, self.currency)
