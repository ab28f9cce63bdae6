"""What is asked of whoever calculates taxes, and what they answer.

Amounts are what is charged: after discounts, and with the tax in it where prices include it. An
answer has one verdict for each item, so that nothing is without a reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Faults, Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.taxes.model.categories import REASONS, TaxCategory
from backoffice_api.domain.taxes.model.rates import MILLION, REASON_LENGTH_MAX
from backoffice_api.domain.taxes.model.terms import TaxRounding


class PlaceSource(Choice):
    """How it is known where something is taxed."""

    SHIPPING = "shipping", "It is where the goods go."
    BILLING = "billing", "Nothing says where goods go: it is where the buyer is."
    CHANNEL = "channel", "There is no address: it is where the channel is."
    GIVEN = "given", "Whoever asked said so."


class TaxWhy(Choice):
    """Why a rate applies, or none."""

    REGION = "region", "It is the rate of the region."
    COUNTRY = "country", "It is the rate of the country."
    EVERYWHERE = "everywhere", "It is the rate of all places without one of their own."
    BUSINESS = "business", "The buyer has the tax id of a business."
    TAX_CLASS = "tax_class", "The goods are of its tax class."
    HS_CODE = "hs_code", "The HS code of the goods begins with its digits."
    LIKE_GOODS = "like_goods", "The delivery is taxed as the goods of which there is most."
    PROVIDER = "provider", "The provider of the channel said so."
    NO_RATE = "no_rate", "There is no rate for it: nothing is charged."


@dataclass(frozen=True, slots=True)
class TaxPlace:
    """Where something is taxed. `region` as `canonical_region` has it."""

    country: str
    region: str | None
    source: PlaceSource
    city: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True)
class TaxItem:
    """Something that is taxed. `key`: names it in the answer. `hs_code` in digits."""

    key: UUID
    amount_minor: int
    tax_class: str | None = None
    hs_code: str | None = None
    sku: str = ""
    quantity: int = 1
    is_shipping: bool = False


@dataclass(frozen=True, slots=True)
class TaxQuestion:
    """What is to be taxed, where, when and for whom. `order` names it for an outside provider."""

    order: UUID
    on: date
    currency: str
    place: TaxPlace
    is_business: bool
    tax_included: bool
    rounding: TaxRounding
    items: tuple[TaxItem, ...]

    @property
    def digest(self) -> str:
        """Two questions with one digest have one answer; the day does not count."""
        return sha256(repr(replace(self, on=date.min)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class TaxVerdict:
    """What one item bears and why. `rate_id` None: no rate of the shop.

    `category` None: nobody knows; then no tax is charged.
    """

    key: UUID
    rate_id: UUID | None
    category: TaxCategory | None
    rate_ppm: int
    reason: str | None
    tax_minor: int
    why: tuple[TaxWhy, ...]


@dataclass(frozen=True, slots=True)
class TaxAnswer:
    """A verdict for each item of a question, in its order."""

    verdicts: tuple[TaxVerdict, ...]

    @property
    def missing(self) -> bool:
        """Something has no rate."""
        return any(each.category is None for each in self.verdicts)


@dataclass(eq=False)
class NoTaxRate(Refused):
    """There is no tax rate for a line, so that what it comes to is not known."""

    country: str
    message = "There is no tax rate for {country}; add one, or give the tax with the line."


@dataclass(eq=False)
class TaxNotAnswered(Refused):
    """The channel's orders wait for its tax provider, which has not answered yet."""

    provider: str
    message = "{provider!r:.90} has not said yet what tax is due; try again when it has."


@dataclass(eq=False)
class UnusableTaxAnswer(ValueError):
    """What a provider answered cannot be: `reason` says what is wrong with it."""

    reason: str


def tax_on(amount_minor: int, rate_ppm: int, *, included: bool) -> int:
    """The tax on an amount, or in it where prices include it. Rounded half up."""
    whole = MILLION + rate_ppm if included else MILLION
    return (2 * amount_minor * rate_ppm + whole) // (2 * whole)


def with_taxes(question: TaxQuestion, verdicts: Sequence[TaxVerdict]) -> TaxAnswer:
    """The verdicts with what their rates come to, rounded as the question says."""
    if question.rounding is TaxRounding.LINE:
        return TaxAnswer(
            tuple(
                replace(
                    each,
                    tax_minor=tax_on(
                        item.amount_minor, each.rate_ppm, included=question.tax_included
                    ),
                )
                for item, each in zip(question.items, verdicts, strict=True)
            )
        )
    taxes: dict[UUID, int] = {}
    for rate in {each.rate_ppm for each in verdicts}:
        group = [
            item
            for item, each in zip(question.items, verdicts, strict=True)
            if each.rate_ppm == rate
        ]
        amounts = [item.amount_minor for item in group]
        whole = tax_on(sum(amounts), rate, included=question.tax_included)
        shares = Money(whole, question.currency).allocate(amounts) if sum(amounts) else ()
        taxes |= {item.key: each.minor for item, each in zip(group, shares, strict=False)}
    return TaxAnswer(tuple(replace(each, tax_minor=taxes.get(each.key, 0)) for each in verdicts))


def checked(question: TaxQuestion, verdicts: Iterable[TaxVerdict]) -> TaxAnswer:
    """What a provider answered, if it can be.

    Raises:
        UnusableTaxAnswer: it is not one verdict for each item, or contradicts itself.
    """
    found = {each.key: each for each in verdicts}
    if found.keys() != {each.key for each in question.items}:
        raise UnusableTaxAnswer("It does not speak of just the items that were asked about.")
    for item in question.items:
        each = found[item.key]
        numbers = (each.tax_minor, each.rate_ppm)
        if any(type(number) is not int for number in numbers):
            raise UnusableTaxAnswer("Taxes are whole minor units, and rates whole millionths.")
        if not 0 <= each.tax_minor <= item.amount_minor or not 0 <= each.rate_ppm <= MILLION:
            raise UnusableTaxAnswer("A tax is below zero, or more than the amount.")
        if (each.category is TaxCategory.STANDARD) != (each.rate_ppm > 0) or (
            each.tax_minor and not each.rate_ppm
        ):
            raise UnusableTaxAnswer("A tax and the category that it is given contradict.")
        if not isinstance(each.category, TaxCategory):
            raise UnusableTaxAnswer("A category is one of those of EN 16931.")
        faults = Faults()
        check_text(each.reason, faults, "reason", maximum=REASON_LENGTH_MAX)
        if list(faults):
            raise UnusableTaxAnswer("A reason is a text that fits onto an invoice.")
    return TaxAnswer(tuple(_told(found[each.key]) for each in question.items))


def _told(by: TaxVerdict) -> TaxVerdict:
    """A provider's verdict as it is kept. Invoices want words where no tax is due."""
    reason = None if by.rate_ppm else by.reason or REASONS.get(by.category or TaxCategory.ZERO)
    return replace(by, rate_id=None, reason=reason, why=(TaxWhy.PROVIDER,))
