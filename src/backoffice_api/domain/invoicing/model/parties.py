"""Parties of an invoice: who sells, who buys, where the goods went, as they were on that day."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from backoffice_api.domain.customers.model import ADDRESS, CONTACT, IDENTITY, Customer, TaxId
from backoffice_api.domain.invoicing.model.sellers import Seller
from backoffice_api.domain.orders.model.orders import Order, OrderAddress


@dataclass(frozen=True, slots=True)
class PartyTaxId:
    """A tax id as it stands on a document. `kind`: the register that gave it out."""

    kind: str
    value: str = field(metadata=IDENTITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody on an invoice. `country` None: not known."""

    name: str = field(metadata=IDENTITY)
    lines: Sequence[str] = field(default=(), metadata=ADDRESS)
    district: str | None = field(default=None, metadata=ADDRESS)
    city: str | None = field(default=None, metadata=ADDRESS)
    region: str | None = field(default=None, metadata=ADDRESS)
    postal_code: str | None = field(default=None, metadata=ADDRESS)
    country: str | None = field(default=None, metadata=ADDRESS)
    tax_ids: Sequence[PartyTaxId] = field(default=(), metadata=IDENTITY)
    registration: str | None = None
    email: str | None = field(default=None, metadata=CONTACT)
    phone: str | None = field(default=None, metadata=CONTACT)
    trade_name: str | None = None
    iban: str | None = None
    bic: str | None = None
    bank_name: str | None = None
    footer: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """The party that an invoice keeps."""
        tax_ids = tuple(PartyTaxId(**each) for each in kept["tax_ids"])
        return cls(**{**kept, "lines": tuple(kept["lines"]), "tax_ids": tax_ids})

    @property
    def kept(self) -> Mapping[str, Any]:
        """As an invoice keeps it."""
        return asdict(self) | {
            "lines": list(self.lines),
            "tax_ids": [asdict(each) for each in self.tax_ids],
        }

    def tax_id(self, kind: str) -> str | None:
        """Its number in a register. None: it has none there."""
        return next((each.value for each in self.tax_ids if each.kind == kind), None)


def seller_party(seller: Seller) -> Party:
    return Party(
        name=seller.name,
        trade_name=seller.trade_name,
        lines=tuple(seller.lines),
        district=seller.district,
        city=seller.city,
        region=seller.region,
        postal_code=seller.postal_code,
        country=seller.country,
        tax_ids=tuple(PartyTaxId(each["kind"], each["value"]) for each in seller.tax_ids),
        registration=seller.registration,
        email=seller.email,
        phone=seller.phone,
        iban=seller.iban,
        bic=seller.bic,
        bank_name=seller.bank_name,
        footer=seller.footer,
    )


def buyer_party(
    order: Order,
    address: OrderAddress | None,
    customer: Customer | None,
    tax_ids: Sequence[TaxId],
) -> Party:
    """Who the invoice is made out to: the address of the order, completed by the customer."""
    name = (address and address.recipient) or (customer and customer.name) or order.email or ""
    return Party(
        name=name,
        tax_ids=tuple(PartyTaxId(each.kind.value, each.value) for each in tax_ids),
        email=order.email or (customer.email if customer else None),
        phone=order.phone or (customer.phone if customer else None),
        **_place(address, customer),
    )


def place_party(address: OrderAddress) -> Party:
    """Where the goods went."""
    return Party(name=address.recipient, **_place(address, None))


def _place(address: OrderAddress | None, customer: Customer | None) -> Mapping[str, Any]:
    if address is None:
        return {"country": customer.country if customer else None}
    return {
        "lines": tuple(address.lines),
        "district": address.district,
        "city": address.city,
        "region": address.region,
        "postal_code": address.postal_code,
        "country": address.country,
    }
