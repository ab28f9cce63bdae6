"""How carriers of Brazil want to be told of people, places, sizes and reais."""

import re
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any
from unicodedata import normalize

import msgspec

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.shipping.model.carriers import Carrier
from backoffice_api.domain.shipping.ports import CarrierRefusal, CarrierSilent, Consignment

COUNTRY, CURRENCY = "BR", "BRL"
# Of a parcel that was not measured: the smallest one that the Correios take, in centimetres.
SMALLEST_CM = (16, 11, 2)
_NUMBER = re.compile(r"(?P<street>.+?)[,\s]+(?P<number>\d{1,6}[A-Za-z]?|[sS]/?[nN])")
_WITHOUT_NUMBER = "S/N"
# ISO 3166-2:BR, names without accents: what begins alike is not the same (Pará, Paraíba, Paraná).
_STATES = {
    "ACRE": "AC", "ALAGOAS": "AL", "AMAPA": "AP", "AMAZONAS": "AM", "BAHIA": "BA", "CEARA": "CE",
    "DISTRITO FEDERAL": "DF", "ESPIRITO SANTO": "ES", "GOIAS": "GO", "MARANHAO": "MA",
    "MATO GROSSO": "MT", "MATO GROSSO DO SUL": "MS", "MINAS GERAIS": "MG", "PARA": "PA",
    "PARAIBA": "PB", "PARANA": "PR", "PERNAMBUCO": "PE", "PIAUI": "PI", "RIO DE JANEIRO": "RJ",
    "RIO GRANDE DO NORTE": "RN", "RIO GRANDE DO SUL": "RS", "RONDONIA": "RO", "RORAIMA": "RR",
    "SANTA CATARINA": "SC", "SAO PAULO": "SP", "SERGIPE": "SE", "TOCANTINS": "TO",
}  # fmt: skip
_FIGURES_MAX = 30


class SenderFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What carriers want to know of the shop besides the sender of the carrier."""

    document: str
    phone: str | None = None
    email: str | None = None
    district: str | None = None
    state_register: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who sends or gets a parcel. Documents, phones and postal codes in digits only."""

    name: str
    document: str | None
    state_register: str | None
    phone: str | None
    email: str | None
    street: str
    number: str
    complement: str
    district: str
    city: str
    region: str
    postal_code: str


def shop(carrier: Carrier, facts: SenderFacts) -> Party:
    """The shop, as the sender of a carrier."""
    sender = carrier.sender
    street, number = street_and_number(sender.lines[0])
    return Party(
        name=sender.name,
        document=digits(facts.document),
        state_register=facts.state_register,
        phone=phone_of(facts.phone),
        email=facts.email,
        street=street,
        number=number,
        complement=", ".join(sender.lines[1:]),
        district=facts.district or "",
        city=sender.city,
        region=_region(sender.region),
        postal_code=digits(sender.postal_code),
    )


def customer(shipment: Consignment, tax_id: str | None) -> Party:
    """The customer of a parcel.

    Raises:
        CarrierRefusal: they are not in Brazil.
    """
    to = shipment.destination
    if to.country != COUNTRY:
        raise CarrierRefusal("It carries within Brazil only")
    street, number = street_and_number(to.lines[0])
    return Party(
        name=to.recipient,
        document=tax_id,
        state_register=None,
        phone=phone_of(shipment.phone),
        email=None,
        street=street,
        number=number,
        complement=", ".join(to.lines[1:]),
        district=to.district or "",
        city=to.city,
        region=_region(to.region),
        postal_code=digits(to.postal_code),
    )


def reference_of(shipment: Consignment) -> str:
    """Under which id the carrier sold a label.

    Raises:
        CarrierRefusal: nobody knows: somebody found out by hand that it was bought.
    """
    if not shipment.carrier_reference:
        raise CarrierRefusal("It is not known under which id the label was sold: void it there")
    return shipment.carrier_reference


def street_and_number(line: str) -> tuple[str, str]:
    """The two parts of the first line of an address; without a number, `S/N`."""
    found = _NUMBER.fullmatch(line.strip())
    return (found["street"], found["number"]) if found else (line.strip(), _WITHOUT_NUMBER)


def digits(text: str | None) -> str:
    return "".join(each for each in text or "" if each.isascii() and each.isdigit())


def phone_of(text: str | None) -> str | None:
    """Area code and number, without the country. None: it is no number of Brazil."""
    found = digits(text)
    if len(found) in (12, 13) and found.startswith("55"):
        found = found[2:]
    return found if len(found) in (10, 11) else None


def sides_cm(
    length_mm: int | None, width_mm: int | None, height_mm: int | None
) -> tuple[int, int, int]:
    """Length, width and height in whole centimetres, rounded up, never below the smallest."""
    given = (length_mm, width_mm, height_mm)
    length, width, height = (
        max(least, -(-(side or 0) // 10)) for side, least in zip(given, SMALLEST_CM, strict=True)
    )
    return length, width, height


def reais(minor: int) -> float:
    """An amount as a number, as JSON has it."""
    return float(Money(minor, CURRENCY).amount)


def centavos(value: Any) -> int:
    """An amount that a carrier tells: a number, `18.42`, `18,42` or `1.234,56`.

    Raises:
        CarrierSilent: it is none, or below zero.
    """
    text = str(value).strip()
    if "," in text:
        text = text.replace(".", "").replace(",", ".")
    try:
        found = Decimal(text) if len(text) <= _FIGURES_MAX else None
        if found is None or not found.is_finite() or found < 0 or isinstance(value, bool):
            raise CarrierSilent("It tells an amount that is none")
        return round(found.scaleb(2))
    except DecimalException:
        raise CarrierSilent("It tells an amount that is none") from None


def _region(text: str | None) -> str:
    """The two letters of a state: of `SP`, `BR-SP` and `São Paulo`. Empty: it is none."""
    plain = normalize("NFKD", text or "").encode("ascii", "ignore").decode()
    name = " ".join(plain.upper().removeprefix("BR-").split())
    return _STATES.get(name, name if name in _STATES.values() else "")
