"""Parts of a line: however it is cut, they sum to the whole, and never go below zero by much."""

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.domain.invoicing.model.billing import billed, credited, kits_in, line_of
from backoffice_api.domain.invoicing.model.taxes import Tax
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.orders.model.kits import LineComponent
from backoffice_api.domain.orders.model.lines import LineKind, OrderLine
from backoffice_api.domain.orders.model.orders import Order
from backoffice_api.domain.taxes.model.categories import TaxCategory

ID = UUID(int=1)
TAX = Tax(TaxCategory.STANDARD, 190_000, None)


def order(*, tax_included: bool) -> Order:
    """An order of which only this matters here."""
    made: Order = object.__new__(Order)
    object.__setattr__(made, "tax_included", tax_included)
    return made


@st.composite
def lines(draw: st.DrawFn) -> OrderLine:
    pieces = draw(st.integers(1, 40))
    micro = draw(st.integers(0, 10**9))
    subtotal = UnitPrice(micro, "EUR").times(pieces).money.minor
    discount = draw(st.integers(0, subtotal))
    tax = draw(st.integers(0, max(0, subtotal - discount)))
    return OrderLine(
        id=ID,
        order_id=ID,
        position=0,
        kind=LineKind.GOODS,
        variant_id=ID,
        sku="MUG",
        title="Mug",
        quantity=pieces,
        cancelled=0,
        shipped=0,
        returned=0,
        currency="EUR",
        unit_price_micro=micro,
        price_given=True,
        subtotal_minor=subtotal,
        rounding_micro=0,
        discount_minor=discount,
        tax_minor=tax,
        current_subtotal_minor=subtotal,
        current_discount_minor=discount,
        current_tax_minor=tax,
    )


@settings(max_examples=25)
@given(lines(), st.lists(st.integers(1, 9), max_size=12), st.booleans())
def test_parts_that_are_billed_sum_to_the_line(
    line: OrderLine, cuts: list[int], tax_included: bool
) -> None:
    of = order(tax_included=tax_included)
    done, parts = 0, []
    for cut in [*cuts, line.quantity]:
        pieces = min(cut, line.quantity - done)
        if pieces:
            parts.append(billed(of, line, done, pieces))
            done += pieces

    gross = line.subtotal_minor - line.discount_minor
    assert sum(each.quantity for each in parts) == line.quantity
    assert sum(each.subtotal_minor - each.discount_minor for each in parts) == gross
    assert sum(each.tax_minor for each in parts) == line.tax_minor
    net = gross - line.tax_minor if tax_included else gross
    assert sum(each.net_minor for each in parts) == net


@settings(max_examples=25)
@given(lines(), st.lists(st.integers(1, 9), max_size=12), st.booleans())
def test_parts_that_are_credited_sum_to_what_was_billed(
    line: OrderLine, cuts: list[int], tax_included: bool
) -> None:
    bill = billed(order(tax_included=tax_included), line, 0, line.quantity)
    whole = line_of(bill, TAX, id=ID, invoice_id=ID, position=0)
    done, parts = 0, []
    for cut in [*cuts, whole.quantity]:
        if pieces := min(cut, whole.quantity - done):
            parts.append(
                credited(
                    whole,
                    done,
                    pieces,
                    tax_included=tax_included,
                    id=ID,
                    invoice_id=ID,
                    position=0,
                )
            )
            done += pieces

    assert sum(each.net_minor for each in parts) == whole.net_minor
    assert sum(each.tax_minor for each in parts) == whole.tax_minor
    assert sum(each.discount_minor for each in parts) == whole.discount_minor


def test_kits_are_whole_or_none() -> None:
    pot, lid = UUID(int=2), UUID(int=3)
    of_kit = [LineComponent(ID, 0, pot, "POT", 1, 1), LineComponent(ID, 1, lid, "LID", 2, 1)]

    assert kits_in(of_kit, {pot: 3, lid: 5}) == 2
    assert kits_in(of_kit, {pot: 3}) == 0
    assert kits_in([], {pot: 3}) == 0
