"""The words of documents by language, and how each language writes amounts and days.

A language without words of its own is written in English, with its own amounts where they are
known. Another language is one more entry of each table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "invoice": "Invoice",
        "credit_note": "Credit note",
        "packing_slip": "Packing slip",
        "pick_list": "Pick list",
        "number": "Number",
        "order": "Order",
        "date": "Date",
        "due": "Due on",
        "ordered_on": "Ordered on",
        "ship_by": "Ship by",
        "credits": "Credits invoice",
        "sku": "SKU",
        "title": "Description",
        "quantity": "Qty",
        "price": "Price",
        "amount": "Amount",
        "tax": "Tax",
        "net": "Net",
        "total": "Total",
        "of": "on",
        "discount": "incl. discount",
        "included": "Prices contain the tax.",
        "vat_id": "VAT id",
        "registration": "Register",
        "pay_to": "Pay to",
        "ship_to": "Delivered to",
        "place": "Location",
        "done": "Picked",
        "parcels": "Parcels",
        "parcel": "Parcel",
        "weight": "Weight",
        "authorised": "Authorised as",
        "shipping": "Shipping",
    },
    "de": {
        "invoice": "Rechnung",
        "credit_note": "Gutschrift",
        "packing_slip": "Lieferschein",
        "pick_list": "Pickliste",
        "number": "Nummer",
        "order": "Bestellung",
        "date": "Datum",
        "due": "Zahlbar bis",
        "ordered_on": "Bestellt am",
        "ship_by": "Versand bis",
        "credits": "Zu Rechnung",
        "sku": "Artikelnr.",
        "title": "Bezeichnung",
        "quantity": "Menge",
        "price": "Preis",
        "amount": "Betrag",
        "tax": "USt.",
        "net": "Netto",
        "total": "Gesamtbetrag",
        "of": "auf",
        "discount": "inkl. Rabatt",
        "included": "Die Preise enthalten die Steuer.",
        "vat_id": "USt-IdNr.",
        "registration": "Register",
        "pay_to": "Bankverbindung",
        "ship_to": "Lieferanschrift",
        "place": "Lagerort",
        "done": "Erledigt",
        "parcels": "Pakete",
        "parcel": "Paket",
        "weight": "Gewicht",
        "authorised": "Genehmigt als",
        "shipping": "Versand",
    },
    "pt": {
        "invoice": "Fatura",
        "credit_note": "Nota de crédito",
        "packing_slip": "Romaneio de envio",
        "pick_list": "Lista de separação",
        "number": "Número",
        "order": "Pedido",
        "date": "Data",
        "due": "Vencimento",
        "ordered_on": "Pedido em",
        "ship_by": "Enviar até",
        "credits": "Refere-se à fatura",
        "sku": "SKU",
        "title": "Descrição",
        "quantity": "Qtd.",
        "price": "Preço",
        "amount": "Valor",
        "tax": "Imposto",
        "net": "Subtotal",
        "total": "Total",
        "of": "sobre",
        "discount": "com desconto",
        "included": "Os preços incluem o imposto.",
        "vat_id": "Nº fiscal",
        "registration": "Inscrição",
        "pay_to": "Conta bancária",
        "ship_to": "Entregue em",
        "place": "Local",
        "done": "Separado",
        "parcels": "Volumes",
        "parcel": "Volume",
        "weight": "Peso",
        "authorised": "Autorizado como",
        "shipping": "Frete",
    },
}

# Day, month and year in their order, and the two separators of numbers.
_SHAPES: Mapping[str, tuple[str, str, str]] = {
    "en": ("{y}-{m}-{d}", ",", "."),
    "de": ("{d}.{m}.{y}", ".", ","),
    "pt": ("{d}/{m}/{y}", ".", ","),
}


@dataclass(frozen=True, slots=True)
class Language:
    """How a document speaks."""

    words: Mapping[str, str]
    day: str
    thousands: str
    point: str

    def __getitem__(self, word: str) -> str:
        return self.words[word]

    def date(self, iso: str) -> str:
        """A day as people write it."""
        day = date.fromisoformat(iso[:10])
        return self.day.format(y=f"{day.year:04}", m=f"{day.month:02}", d=f"{day.day:02}")

    def amount(self, minor: int, decimals: int) -> str:
        """An amount without its currency: 1.234,50."""
        whole, rest = divmod(abs(minor), 10**decimals)
        grouped = f"{whole:,}".replace(",", self.thousands)
        sign = "-" if minor < 0 else ""
        return f"{sign}{grouped}{self.point}{rest:0{decimals}}" if decimals else f"{sign}{grouped}"

    def price(self, micro: int, decimals: int) -> str:
        """A price of one piece, with more decimals than the currency where it has them."""
        digits, places = micro, 6
        while places > decimals and digits % 10 == 0:
            digits, places = digits // 10, places - 1
        return self.amount(digits, places)

    def rate(self, ppm: int) -> str:
        """A rate of tax: 19 %, 5,5 %."""
        whole, rest = divmod(ppm, 10_000)
        decimals = f"{rest:04}".rstrip("0")
        return f"{whole}{self.point}{decimals} %" if decimals else f"{whole} %"


def language(locale: str) -> Language:
    """The language of a locale, as `pt-BR`."""
    name = locale.split("-")[0].lower()
    words = _WORDS.get(name, _WORDS["en"])
    return Language(words, *_SHAPES.get(name, _SHAPES["en"]))
