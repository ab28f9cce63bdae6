"""Customers as tests need them. The numbers are valid, and nobody's."""

from typing import Any
from uuid import UUID

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import (
    AddressDraft,
    CustomerDraft,
    CustomerKind,
    Profile,
    TaxId,
)
from backoffice_api.domain.kernel.external_ids import ExternalId
from backoffice_api.domain.kernel.log import event_list
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from tests.world import World

CPF = TaxId(TaxIdKind.CPF, "52998224725")
OTHER_CPF = TaxId(TaxIdKind.CPF, "11144477735")
CNPJ = TaxId(TaxIdKind.CNPJ, "11222333000181")
VAT = TaxId(TaxIdKind.VAT, "DE136695976")
SHOP = ExternalId("shop", "17850")


def draft(**values: Any) -> CustomerDraft:
    return CustomerDraft(**{"kind": CustomerKind.PERSON, "name": "Ana Silva", **values})


def address(**values: Any) -> AddressDraft:
    given = {
        "label": None,
        "recipient": None,
        "lines": ("Rua Augusta 1",),
        "district": None,
        "city": "São Paulo",
        "region": "SP",
        "postal_code": "01304-001",
        "country": "BR",
        "is_default_shipping": False,
        "is_default_billing": False,
    }
    return AddressDraft(**{**given, **values})


def create(
    world: World,
    *,
    addresses: tuple[AddressDraft, ...] = (),
    external_ids: tuple[ExternalId, ...] = (),
    **values: Any,
) -> UUID:
    command = CreateCustomer(draft=draft(**values), addresses=addresses, external_ids=external_ids)
    id: UUID = world.run(create_customer, command).value
    return id


def profile(world: World, id: UUID) -> Profile:
    found: Profile = world.read(queries.profile, id)
    return found


def events(world: World) -> list[tuple[str, int]]:
    """Type and version of every event, in order."""
    page = world.read(event_list.page, PageRequest(size=250, descending=False))
    return [(each.type, each.subject_version) for each in page.rows]
