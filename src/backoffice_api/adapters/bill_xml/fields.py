"""Fields of bills in XML: amounts, days and numbers, exactly, or refused by name."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

from backoffice_api.adapters.xml_trees import text_at
from backoffice_api.domain.customers.model import TaxId
from backoffice_api.domain.kernel.currencies import UnknownCurrency
from backoffice_api.domain.kernel.decimals import NotADecimal, parse_decimal
from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.tax_ids import InvalidTaxId, TaxIdKind
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.payables.model.bill_documents import DocumentLine, UnreadableBill

TEXT_LENGTH_MAX = 1_000
REFERENCE_LENGTH_MAX = 80
LINES_MAX = 500


def text(element: Element, *paths: str, maximum: int = TEXT_LENGTH_MAX) -> str | None:
    """The first text that there is, cut to what is kept. None: there is none."""
    found = text_at(element, *paths)
    return None if found is None else storable(found)[:maximum]


def reference(element: Element, *paths: str) -> str | None:
    """A number or code. None: there is none, or it is too long to be one."""
    found = text(element, *paths)
    return found if found and len(found) <= REFERENCE_LENGTH_MAX else None


def needed(element: Element, *paths: str) -> str:
    """Raises: UnreadableBill: it is missing, or longer than numbers are."""
    found = reference(element, *paths)
    if found is None:
        raise UnreadableBill(paths[0], "it is missing or too long")
    return found


def decimal(element: Element, *paths: str) -> Decimal | None:
    """A number. None: there is none. Raises: UnreadableBill."""
    found = text_at(element, *paths)
    if found is None:
        return None
    try:
        return parse_decimal(found)
    except NotADecimal:
        raise UnreadableBill(paths[0], "it is no decimal number") from None


def money(element: Element, currency: str, *paths: str) -> Money | None:
    """An amount, exactly. None: there is none. Raises: UnreadableBill."""
    found = decimal(element, *paths)
    if found is None:
        return None
    try:
        return Money.of(found, currency)
    except UnknownCurrency:
        raise UnreadableBill("currency", "nobody knows it") from None
    except Invalid as fault:
        raise UnreadableBill(paths[0], str(fault).rstrip(".")) from None


def needed_money(element: Element, currency: str, *paths: str) -> Money:
    """Raises: UnreadableBill: it is missing, or no amount of the currency."""
    found = money(element, currency, *paths)
    if found is None:
        raise UnreadableBill(paths[0], "it is missing")
    return found


def day(element: Element, *paths: str) -> date | None:
    """A day, as 2026-03-02, 20260302 or a moment that begins so. None: there is none."""
    found = text_at(element, *paths)
    if found is None:
        return None
    try:
        return date.fromisoformat(found[:10])
    except ValueError:
        raise UnreadableBill(paths[0], "it is no day") from None


def needed_day(element: Element, *paths: str) -> date:
    """Raises: UnreadableBill: it is missing, or no day."""
    found = day(element, *paths)
    if found is None:
        raise UnreadableBill(paths[0], "it is missing")
    return found


def tax_ids(values: Iterable[str | None]) -> tuple[TaxId, ...]:
    """Every tax id that the numbers of a party can be."""
    found: dict[TaxId, None] = {}
    for value in values:
        for kind in TaxIdKind if value else ():
            try:
                found[TaxId(kind, value or "").canonical()] = None
            except InvalidTaxId:
                continue
    return tuple(found)


def scaled(amount: Decimal, net: Money) -> Decimal:
    """A share of `net`, by a rate in percent, in minor units."""
    return Decimal(net.minor) * amount / 100


def check_sums(lines: Iterable[DocumentLine], net: Money, tax: Money, total: Money) -> None:
    """Raises: UnreadableBill: the document does not add up."""
    of_lines = sum(each.net.minor for each in lines)
    if of_lines != net.minor:
        came_to = Money(of_lines, net.currency)
        raise UnreadableBill("lines", f"they come to {came_to}, the document says {net}")
    if net + tax != total:
        raise UnreadableBill("total", f"it is {total}, but {net} and {tax} are {net + tax}")


def check_count(lines: list[Element]) -> None:
    """Raises: UnreadableBill: there are none, or too many."""
    if not 1 <= len(lines) <= LINES_MAX:
        raise UnreadableBill("lines", f"there are {len(lines)}, not 1 to {LINES_MAX}")
