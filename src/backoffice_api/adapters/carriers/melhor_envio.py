"""Melhor Envio: labels of Correios, Jadlog, Loggi, J&T and others, sold by one interface.

Source: https://docs.melhorenvio.com.br, pages "Cálculo de fretes", "Inserir fretes no carrinho",
"Compra de fretes", "Geração de etiquetas", "Impressão de etiquetas em arquivo", "Listar etiquetas",
"Cancelamento de etiquetas". Written from these; not run against the service itself, which takes an
account with money on it. What comes back travels under an ordinary label, from the customer to us.

A label is put into the cart, paid from the balance, generated, printed. There is no key under which
that could be repeated; but what is put in carries a tag, which is our key, and carts and labels can
be listed. So whatever was begun is found again: what lies in the cart is taken out, what is paid is
finished.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from backoffice_api.adapters.carriers.brazil import (
    COUNTRY,
    CURRENCY,
    Party,
    SenderFacts,
    centavos,
    customer,
    digits,
    reais,
    reference_of,
    shop,
    sides_cm,
)
from backoffice_api.adapters.carriers.rest import Answer, Said, Wire, bought_already
from backoffice_api.domain.shipping.model.carriers import Carrier
from backoffice_api.domain.shipping.model.handover import Manifest, Pickup
from backoffice_api.domain.shipping.model.rating import LineKind, PriceLine
from backoffice_api.domain.shipping.model.shipments import LabelFormat, Shipment
from backoffice_api.domain.shipping.ports import (
    CarrierRate,
    CarrierRefusal,
    CarrierSilent,
    Consignment,
    Declaration,
    LabelFile,
    LabelOrder,
    Purchase,
    RateRequest,
)

URL = "https://www.melhorenvio.com.br"
# Where it keeps files of labels, besides its own address.
FILE_HOSTS = ("melhorenvio.com.br", "amazonaws.com")
PAGES_MAX = 50
# Its clocks and ours, and time zones that it does not tell.
SLACK = timedelta(days=1)
CANCELLED = frozenset({"canceled", "cancelled"})
_BECAUSE_THE_SELLER_SAYS_SO = "2"


class MelhorEnvioSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`token`: of an application or of the panel. `contact`: a mail address, which it asks for."""

    token: str
    contact: str
    sender: SenderFacts
    url: str = URL


def wire_of(settings: MelhorEnvioSettings) -> Wire:
    headers = {
        "Authorization": f"Bearer {settings.token}",
        "User-Agent": f"backoffice-api ({settings.contact})",
    }
    return Wire(settings.url, said, headers=headers)


class MelhorEnvio:
    """One account with Melhor Envio. Its services are named by their numbers there."""

    can_be_asked = True
    repeats_safely = False

    def __init__(self, carrier: Carrier, settings: MelhorEnvioSettings) -> None:
        self._carrier = carrier
        self._sender = settings.sender
        self._wire = wire_of(settings)

    def rates(self, request: RateRequest) -> Sequence[CarrierRate]:
        if request.country != COUNTRY or not request.services:
            return ()
        length, width, height = sides_cm(request.length_mm, request.width_mm, request.height_mm)
        volume = _volume(length, width, height, request.weight_g)
        asked = {
            "from": {"postal_code": digits(self._carrier.sender_postal_code)},
            "to": {"postal_code": digits(request.postal_code)},
            "volumes": [{**volume, "insurance": reais(request.value_minor)}],
            "options": {"receipt": False, "own_hand": False},
            "services": ",".join(request.services),
        }
        found = self._wire.ask("POST", "/api/v2/me/shipment/calculate", sends=asked).value
        # Asked for one service, it answers with that one instead of a list.
        offers = [found] if isinstance(found, dict) else found
        if not isinstance(offers, list):
            raise CarrierSilent("The answer is no list of services")
        rates = (_rate(each) for each in offers if isinstance(each, dict))
        return [each for each in rates if each is not None]

    def buy_label(self, order: LabelOrder) -> Purchase:
        sends = self._cart_item(order)
        id = _id(self._wire.ask("POST", "/api/v2/me/cart", sends=sends).fields)
        try:
            self._wire.ask("POST", "/api/v2/me/shipment/checkout", sends={"orders": [id]})
        except CarrierRefusal:
            # It is not paid. What stays in the cart might be, by somebody who finds it there.
            with suppress(CarrierRefusal, CarrierSilent):
                self._take_out(id)
            raise
        return self._finished(id, order)

    def find_label(self, order: LabelOrder) -> Purchase | None:
        """Takes what is not paid out of the cart: after that, nobody can pay it any more."""
        stays: CarrierRefusal | None = None
        with bought_already():
            for item in self._pages("/api/v2/me/cart", order):
                if _is_tagged(item, order.key):
                    try:
                        self._take_out(_id(item))
                    except CarrierRefusal as refusal:
                        stays = refusal  # It may be paid just now; then it is a label.
            for label in self._pages("/api/v2/me/orders", order):
                if _is_tagged(label, order.key) and label.get("status") not in CANCELLED:
                    return self._finished(_id(label), order)
            if stays is not None:
                raise stays
        return None

    def void_label(self, shipment: Consignment) -> None:
        id = reference_of(shipment)
        because = {"id": id, "reason_id": _BECAUSE_THE_SELLER_SAYS_SO, "description": "Voided"}
        try:
            sends = {"order": because}
            answer = self._wire.ask("POST", "/api/v2/me/shipment/cancel", sends=sends).fields
            refusal = CarrierRefusal("It did not take the label back")
            if _of(answer, id).get("canceled") is True:
                return
        except CarrierRefusal as no:
            refusal = no
        if self._label(id).get("status") not in CANCELLED:
            raise refusal

    def close_manifest(self, manifest: Manifest, shipments: Sequence[Shipment]) -> str | None:
        """It knows no manifests: parcels are handed over with their labels alone."""
        return None

    def request_pickup(self, pickup: Pickup) -> str:
        raise CarrierRefusal("Melhor Envio takes no pickups by its interface: ask on its pages")

    def cancel_pickup(self, pickup: Pickup) -> None:
        """There is none to be cancelled."""

    def _cart_item(self, order: LabelOrder) -> Mapping[str, Any]:
        shipment, declared = order.shipment, order.declaration
        if not declared.fiscal_key and not declared.items:
            raise CarrierRefusal("Neither an NF-e nor the contents of the parcel are known")
        ours, theirs = (
            shop(self._carrier, self._sender),
            customer(shipment, declared.tax_id),
        )
        sides = sides_cm(shipment.length_mm, shipment.width_mm, shipment.height_mm)
        return {
            "service": int(order.service.code) if order.service.code.isdecimal() else 0,
            "from": _party(theirs if order.is_return else ours),
            "to": _party(ours if order.is_return else theirs),
            "products": [
                {
                    "name": each.title,
                    "quantity": each.quantity,
                    "unitary_value": reais(each.worth.minor),
                }
                for each in declared.items
            ],
            "volumes": [_volume(*sides, shipment.weight_g)],
            "options": {
                "insurance_value": reais(shipment.value.minor),
                "receipt": False,
                "own_hand": False,
                **_papers(declared),
                "tags": [{"tag": order.key, "url": None}],
            },
        }

    def _finished(self, id: str, order: LabelOrder) -> Purchase:
        """The label of what is paid, generated and printed; each may be done again.

        Raises:
            CarrierSilent: it is not ready yet.
        """
        said = ""
        with bought_already():
            for _ in self._wire.tries():
                label = self._label(id)
                if not label.get("generated_at"):
                    said = self._generate(id)
                    label = self._label(id)
                number = _first(label, "self_tracking", "melhorenvio_tracking", "tracking")
                if number and label.get("generated_at"):
                    return Purchase(
                        tracking_number=number,
                        reference=id,
                        cost_minor=centavos(label.get("price")),
                        currency=CURRENCY,
                        files=self._files(id),
                        drop_off_code=_first(label, "authorization_code")
                        if order.is_return
                        else None,
                    )
        raise CarrierSilent(f"The label is paid and not generated yet. {said}".strip())

    def _generate(self, id: str) -> str:
        """Have a label generated, which it does in its own time. What it says of that."""
        path = "/api/v2/me/shipment/generate"
        try:
            answer = _of(self._wire.ask("POST", path, sends={"orders": [id]}).fields, id)
        except CarrierRefusal as refusal:
            return str(refusal)
        return str(answer.get("message") or "")

    def _files(self, id: str) -> tuple[LabelFile, ...]:
        """The PDF, and the ZPL where it has one."""
        files = [LabelFile(LabelFormat.PDF, self._file("pdf", id))]
        with suppress(CarrierRefusal, CarrierSilent):
            zpl = self._file("zpl", id)
            if zpl.lstrip().startswith(b"^XA"):
                files.append(LabelFile(LabelFormat.ZPL, zpl))
        return tuple(files)

    def _file(self, kind: str, id: str) -> bytes:
        """A file of a label: the answer itself, or what lies at the address that it names."""
        answer = self._wire.ask("GET", f"/api/v2/me/imprimir/{kind}/{_segment(id)}")
        if answer.body.lstrip().startswith((b"%PDF-", b"^XA")):
            return answer.body
        return self._wire.fetch(_address(answer), FILE_HOSTS)

    def _label(self, id: str) -> Mapping[str, Any]:
        return self._wire.ask("GET", f"/api/v2/me/orders/{_segment(id)}").fields

    def _take_out(self, id: str) -> None:
        self._wire.ask("DELETE", f"/api/v2/me/cart/{_segment(id)}")

    def _pages(self, path: str, order: LabelOrder) -> Iterator[Mapping[str, Any]]:
        """What is listed there, at least back to when the order was made.

        Raises:
            CarrierSilent: it is too much to look through.
        """
        since = order.shipment.created_at - SLACK
        for page in range(1, PAGES_MAX + 1):
            answer = self._wire.ask("GET", path, query={"page": page}).value
            found = answer.get("data") if isinstance(answer, dict) else answer
            if not isinstance(found, list):
                raise CarrierSilent("The answer is no list of labels")
            items = [each for each in found if isinstance(each, dict)]
            yield from items
            last = answer.get("last_page") if isinstance(answer, dict) else page
            if not items or last == page or _goes_back_before(items, since):
                return
        raise CarrierSilent("There are too many labels to look through")


def said(answer: Any) -> Said:
    """Its reason: the first field that it finds wrong, else its message."""
    errors = answer.get("errors")
    for name, words in errors.items() if isinstance(errors, dict) else ():
        first = words[0] if isinstance(words, list) and words else words
        return Said(str(name), f"{name}: {first}")
    return Said(None, str(answer.get("error") or answer.get("message") or ""))


def _rate(offer: Mapping[str, Any]) -> CarrierRate | None:
    """None: the service does not take the parcel, or tells no price."""
    price = offer.get("custom_price", offer.get("price"))
    if offer.get("error") or price is None:
        return None
    try:
        minor = centavos(price)
    except CarrierSilent:
        return None
    line = PriceLine(LineKind.WEIGHT, str(offer.get("name") or "Frete")[:100], minor)
    days = offer.get("custom_delivery_time", offer.get("delivery_time"))
    return CarrierRate(str(offer.get("id")), CURRENCY, (line,), _arrives(days))


def _arrives(working_days: Any) -> date | None:
    """The day after so many working days, Monday to Friday, if it is posted today."""
    if type(working_days) is not int or not 0 <= working_days <= 365:
        return None
    day = datetime.now(UTC).date()
    for _ in range(working_days):
        day += timedelta(days=1 if day.weekday() < 4 else 7 - day.weekday())
    return day


def _volume(length: int, width: int, height: int, weight_g: int) -> dict[str, Any]:
    return {"length": length, "width": width, "height": height, "weight": weight_g / 1_000}


def _party(party: Party) -> dict[str, Any]:
    is_company = party.document is not None and len(party.document) > 11
    given = {
        "name": party.name,
        "company_document" if is_company else "document": party.document,
        "state_register": party.state_register,
        "phone": party.phone,
        "email": party.email,
        "address": party.street,
        "number": party.number,
        "complement": party.complement or None,
        "district": party.district or None,
        "city": party.city,
        "state_abbr": party.region,
        "country_id": COUNTRY,
        "postal_code": party.postal_code,
    }
    return {name: value for name, value in given.items() if value is not None}


def _papers(declared: Declaration) -> Mapping[str, Any]:
    if declared.fiscal_key:
        return {"non_commercial": False, "invoice": {"key": declared.fiscal_key}}
    return {"non_commercial": True}


def _id(item: Mapping[str, Any]) -> str:
    id = item.get("id")
    if not isinstance(id, str) or not id:
        raise CarrierSilent("It names no label")
    return id


def _of(answer: Mapping[str, Any], id: str) -> Mapping[str, Any]:
    """What is told of one label in an answer by their ids."""
    found = answer.get(id)
    return found if isinstance(found, dict) else {}


def _first(label: Mapping[str, Any], *names: str) -> str | None:
    found = (label.get(name) for name in names)
    return next((each.strip() for each in found if isinstance(each, str) and each.strip()), None)


def _is_tagged(item: Mapping[str, Any], key: str) -> bool:
    tags = item.get("tags")
    return isinstance(tags, list) and any(
        isinstance(each, dict) and each.get("tag") == key for each in tags
    )


def _goes_back_before(items: Sequence[Mapping[str, Any]], moment: datetime) -> bool:
    """Whether all that follows is older than that: only of what is listed newest first."""
    made = []
    for each in items:
        try:
            at = datetime.fromisoformat(str(each.get("created_at")))
        except ValueError:
            return False
        made.append(at if at.tzinfo else at.replace(tzinfo=UTC))
    return made[0] > made[-1] and made == sorted(made, reverse=True) and made[-1] < moment


def _address(answer: Answer) -> str:
    """The first address in an answer: a text, one of a list, or one by the name `url`."""
    found = answer.value
    if isinstance(found, dict):
        found = found.get("url") or next(iter(found.values()), None)
    if isinstance(found, list):
        found = found[0] if found else None
    if not isinstance(found, str):
        raise CarrierSilent("It names no file of the label")
    return found


def _segment(text: str) -> str:
    return quote(text, safe="")
