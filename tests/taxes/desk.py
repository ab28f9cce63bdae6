"""A shop in Germany whose orders are taxed by rates."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from backoffice_api.domain.orders.commands.drafts import UpdateOrder, update_order
from backoffice_api.domain.orders.commands.placing import PlaceOrder, place_order
from backoffice_api.domain.orders.commands.tax_terms import SetChannelTaxes, set_channel_taxes
from backoffice_api.domain.taxes import queries
from backoffice_api.domain.taxes.checks import CHECKS
from backoffice_api.domain.taxes.commands.rates import (
    CreateTaxRate,
    SetTaxClass,
    create_tax_rate,
    set_tax_class,
)
from backoffice_api.domain.taxes.model.categories import TaxCategory
from backoffice_api.domain.taxes.model.rates import TaxBuyers
from backoffice_api.domain.taxes.model.sheets import TaxSheet
from backoffice_api.domain.taxes.model.terms import TaxSource
from tests.invoicing.office import InvoiceOffice
from tests.orders.shop import address
from tests.soundness import broken
from tests.world import World

GERMAN = address(region=None, country="DE", city="Berlin", postal_code="10115")


class TaxDesk(InvoiceOffice):
    """Mugs at 19 %, books at 7 %; businesses in Austria owe the tax themselves."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.book = self.variant("BOOK", 100)
        world.run(set_tax_class, SetTaxClass(id=self.book, tax_class="books"))
        self.standard = self.rate("USt 19", country="DE", rate_ppm=190_000)
        self.reduced = self.rate("USt 7", country="DE", tax_class="books", rate_ppm=70_000)
        self.rate("AT", country="AT", rate_ppm=200_000)
        self.rate(
            "AT B2B",
            country="AT",
            buyers=TaxBuyers.BUSINESSES,
            category=TaxCategory.REVERSE_CHARGE,
        )
        self.terms()

    def rate(self, name: str, **values: Any) -> UUID:
        command = CreateTaxRate(**{"name": name, "valid_from": date(2020, 1, 1), **values})
        id: UUID = self.world.run(create_tax_rate, command).value
        return id

    def terms(self, **values: Any) -> None:
        given = {"source": TaxSource.RATES, "prices_include_tax": False, "country": "DE", **values}
        self.world.run(set_channel_taxes, SetChannelTaxes(id=self.channel_id, **given))

    def update(self, id: UUID, **values: Any) -> None:
        self.world.run(update_order, UpdateOrder(id=id, **values))

    def place_draft(self, id: UUID, **how: Any) -> None:
        self.world.run(place_order, PlaceOrder(id=id), **how)

    def sheet(self, id: UUID) -> TaxSheet | None:
        found: Mapping[UUID, TaxSheet] = self.world.read(queries.sheets_by_orders, [id])
        return found.get(id)

    def taxes(self, id: UUID) -> Sequence[int]:
        """The tax of each line, then that of the delivery."""
        return [*(each.tax_minor for each in self.lines(id)), self.order(id).shipping_tax_minor]

    def broken(self) -> list[str]:
        return [*super().broken(), *broken(self.world.database, CHECKS)]
