"""Taxes of orders whose channel has them calculated.

A draft's taxes follow its lines, discounts, addresses and customer with every change, by the
shop's rates; where the channel has a provider, that is asked by a job, with no transaction open,
and its answer takes their place if the draft is still what was asked about. Placing calculates
once more, and freezes by which rate each line was taxed; from then on amounts follow at that rate.

Orders of channels whose taxes are given cost no statement here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import BigInteger, update

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.batches import UpdateEach
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import Id
from backoffice_api.domain.kernel.texts import storable
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.commands.lines import LineDraft
from backoffice_api.domain.orders.commands.writing import end_quote, save_order
from backoffice_api.domain.orders.model.channels import Channel
from backoffice_api.domain.orders.model.events import OrderTaxed
from backoffice_api.domain.orders.model.lines import OrderLine, with_current
from backoffice_api.domain.orders.model.orders import Order, OrderStatus
from backoffice_api.domain.orders.model.parts import Parts, with_sums
from backoffice_api.domain.orders.model.quotes import QuoteStatus
from backoffice_api.domain.orders.queries.taxing import (
    GivenTaxes,
    day_of,
    given_taxes,
    question_about,
    question_of,
)
from backoffice_api.domain.orders.tables import order_lines, orders
from backoffice_api.domain.taxes import queries as taxes
from backoffice_api.domain.taxes.commands.sheets import put_sheet
from backoffice_api.domain.taxes.model.engine import RateEngine
from backoffice_api.domain.taxes.model.questions import (
    NoTaxRate,
    TaxNotAnswered,
    TaxQuestion,
    TaxVerdict,
    TaxWhy,
    tax_on,
)
from backoffice_api.domain.taxes.model.sheets import (
    MESSAGE_LENGTH_MAX,
    TaxAnswerStatus,
    TaxSheet,
    kept,
)
from backoffice_api.domain.taxes.model.terms import TaxSource, TaxTerms

# Name of the job that asks the provider of a channel about a draft.
ASK_JOB = "orders.ask_tax_provider"

_PUT_TAXES = UpdateEach(
    lambda given: (
        update(order_lines)
        .where(order_lines.c.id == given("id"))
        .values(tax_minor=given("tax_minor"), current_tax_minor=given("current_tax_minor"))
    ),
    id=Id(),
    tax_minor=BigInteger(),
    current_tax_minor=BigInteger(),
)


@dataclass(frozen=True, slots=True)
class Taxed:
    """An order with its taxes. `sheet` None: they were given, all of them, and stay."""

    order: Order
    parts: Parts
    sheet: TaxSheet | None = None
    needs_provider: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleTaxes(Command):
    """What a provider answered about a draft. `verdicts` None: nothing that can be used."""

    scope = Scope.ORDERS_WRITE
    table = orders
    id: UUID
    digest: str
    verdicts: tuple[TaxVerdict, ...] | None
    message: str | None = None


def tax_source_of(channel: Channel, *, is_sold: bool) -> TaxSource:
    """Where the taxes of a new order come from: what was sold outside was taxed there."""
    return TaxSource.GIVEN if is_sold else channel.tax_source


def prices_include_tax(uow: UnitOfWork, channel: Channel, source: TaxSource) -> bool:
    """What holds where nobody says so. No statement where taxes are given."""
    return source is TaxSource.RATES and _terms(uow, channel.id).prices_include_tax


def given_lines(drafts: Sequence[LineDraft], lines: Sequence[OrderLine]) -> frozenset[UUID]:
    """Those of new lines, one for each draft, that were given their tax."""
    pairs = zip(drafts, lines, strict=True)
    return frozenset(line.id for draft, line in pairs if draft.tax is not None)


def given_before(uow: UnitOfWork, order: Order, lines: Sequence[OrderLine]) -> GivenTaxes:
    """What of a draft was given its tax so far."""
    return given_taxes(order, lines, taxes.sheets_by_orders(uow.db, [order.id]).get(order.id))


def taxed(
    uow: UnitOfWork, order: Order, parts: Parts, given: GivenTaxes | None = None, *, asks: bool
) -> Taxed:
    """A draft with the taxes that nobody gave. `given` None: what was given before stays so.

    `asks`: the provider is asked again about what it could not answer.
    """
    if order.tax_source is TaxSource.GIVEN:
        return Taxed(order, parts)
    terms = _terms(uow, order.channel_id)
    present = taxes.sheets_by_orders(uow.db, [order.id]).get(order.id)
    if given is None:
        given = given_taxes(order, parts.lines, present)
    question = question_of(uow.db, terms, order, parts, given, day_of(terms, uow.now))
    found = _sheet(uow, terms, question, present, asks=asks)
    sheet = replace(found, shipping_given=given.shipping)
    by_key = {key: each.tax_minor for key, each in sheet.verdicts.items()}
    if not given.shipping:
        by_key.setdefault(order.id, 0)
    result = _with_taxes(order, parts, by_key)
    return replace(result, sheet=sheet, needs_provider=terms.needs_provider)


def keep_taxes(uow: UnitOfWork, taxed: Taxed) -> None:
    """Write what was calculated behind the lines, and have the provider asked if it is to be."""
    if taxed.sheet is None:
        return
    _put(uow, taxed.parts.lines, taxed.sheet)
    if taxed.sheet.status is TaxAnswerStatus.ASKED:
        name = ids.text("ord", taxed.order.id)
        key = f"{ASK_JOB} {name} {taxed.sheet.digest}"
        uow.enqueue(Job(ASK_JOB, {"id": name}, once_key=key))


def check_taxed(taxed: Taxed) -> Taxed:
    """It, if it can be placed.

    Raises:
        NoTaxRate: there is no rate for something of it.
        TaxNotAnswered: the channel wants the word of its provider, which is not there.
    """
    sheet = taxed.sheet
    if sheet is None:
        return taxed
    if any(each.category is None for each in sheet.verdicts.values()):
        raise NoTaxRate(sheet.country)
    if taxed.needs_provider and sheet.lines and sheet.status is not TaxAnswerStatus.ANSWERED:
        raise TaxNotAnswered(sheet.provider or "")
    if sheet.status is TaxAnswerStatus.ASKED:
        return replace(taxed, sheet=replace(sheet, status=TaxAnswerStatus.RATES))
    return taxed


def taxed_to_place(uow: UnitOfWork, order: Order, parts: Parts, *, is_quoted: bool) -> Taxed:
    """A draft with the taxes of now, written; those of an open quote stay as they were offered.

    Raises:
        NoTaxRate, TaxNotAnswered.
    """
    if order.tax_source is TaxSource.GIVEN:
        return Taxed(order, parts)
    if is_quoted:
        sheet = taxes.sheets_by_orders(uow.db, [order.id]).get(order.id)
        return check_taxed(Taxed(order, parts, sheet))
    found = check_taxed(taxed(uow, order, parts, asks=False))
    keep_taxes(uow, found)
    return found


def edited_taxes(
    uow: UnitOfWork,
    before: Order,
    order: Order,
    present: Sequence[OrderLine],
    parts: Parts,
    given: GivenTaxes,
) -> Taxed:
    """A placed order with the taxes of what was changed: at the rates that it froze.

    What is new is taxed at the rates of now. `given`: what the edit gives a tax itself.

    Raises:
        NoTaxRate: there is none for something new.
    """
    sheet = taxes.sheets_by_orders(uow.db, [order.id]).get(order.id)
    if order.tax_source is TaxSource.GIVEN or sheet is None:
        return Taxed(order, parts)
    frozen = {key: each for key, each in sheet.verdicts.items() if key not in given.lines}
    if given.shipping:
        frozen.pop(order.id, None)
    old = {line.id: line for line in present}
    found = {
        line.id: tax_on(_amount(line), frozen[line.id].rate_ppm, included=order.tax_included)
        for line in parts.lines
        if line.id in frozen and _amount(line) != _amount(old[line.id])
    }
    is_sent_anew = order.shipping_minor != before.shipping_minor and not given.shipping
    if is_sent_anew and order.id in frozen:
        rate_ppm = frozen[order.id].rate_ppm
        found[order.id] = tax_on(order.shipping_minor, rate_ppm, included=order.tax_included)
    settled = given.lines | old.keys()
    is_settled = order.id in frozen or not is_sent_anew or order.shipping_tax_minor > 0
    terms = _terms(uow, order.channel_id)
    question = question_of(
        uow.db, terms, order, parts, GivenTaxes(settled, is_settled), day_of(terms, uow.now)
    )
    beside = [
        (frozen[line.id], line.current_subtotal_minor - line.current_discount_minor)
        for line in parts.lines
        if line.id in frozen
    ]
    fresh = _by_rates(uow, question, beside) if question.items else ()
    if any(each.category is None for each in fresh):
        raise NoTaxRate(question.place.country)
    found |= {each.key: each.tax_minor for each in fresh}
    verdicts = [
        replace(each, tax_minor=found.get(key, each.tax_minor)) for key, each in frozen.items()
    ]
    after = replace(sheet, lines=kept([*verdicts, *fresh]))
    return replace(_with_taxes(order, parts, found), sheet=after)


def settle_taxes(uow: UnitOfWork, command: SettleTaxes) -> bool:
    """Note what the provider answered about a draft. False: it is another one by now.

    A quote that was sent ends if the taxes that it offers change.
    """
    before = queries.locked_order(uow.db, command.id)
    found = question_about(uow.db, before.id, uow.now)
    if before.status is not OrderStatus.DRAFT or found is None:
        return False
    question, sheet = found
    if sheet.status is not TaxAnswerStatus.ASKED or question.digest != command.digest:
        return False
    parts = queries.parts(uow.db, before.id)
    order = before
    if command.verdicts is None:
        message = storable(command.message or "")[:MESSAGE_LENGTH_MAX]
        sheet = replace(sheet, status=TaxAnswerStatus.FAILED, message=message)
    else:
        sheet = replace(sheet, status=TaxAnswerStatus.ANSWERED, lines=kept(command.verdicts))
        by_key = {each.key: each.tax_minor for each in command.verdicts}
        result = _with_taxes(order, parts, by_key)
        order, parts = result.order, result.parts
    if before.quoted_until and order.ordered != before.ordered:
        end_quote(uow, before, QuoteStatus.REPLACED)
        order = replace(order, quoted_until=None)
    after = save_order(uow, before, order)
    _put(uow, parts.lines, sheet)
    event = OrderTaxed(after.id, after.version, sheet.provider or "", sheet.status)
    uow.emit(event, before=before, after=after)
    return True


def _terms(uow: UnitOfWork, channel_id: UUID) -> TaxTerms:
    return taxes.terms_by_channels(uow.db, [channel_id])[channel_id]


def _sheet(
    uow: UnitOfWork,
    terms: TaxTerms,
    question: TaxQuestion,
    present: TaxSheet | None,
    *,
    asks: bool,
) -> TaxSheet:
    """The provider's word if it was given on just this, else that of the rates.

    `asks`: where it failed it is asked again.
    """
    digest = question.digest
    is_same = present and present.digest == digest and present.provider == terms.provider
    if is_same and present and present.status is TaxAnswerStatus.ANSWERED:
        return present
    status, message = TaxAnswerStatus.RATES, None
    if terms.provider and question.items:
        status = TaxAnswerStatus.ASKED
        if is_same and present and not asks:
            status, message = present.status, present.message
    verdicts = _by_rates(uow, question)
    is_of_region = any(TaxWhy.REGION in each.why for each in verdicts)
    return TaxSheet(
        order_id=question.order,
        status=status,
        provider=terms.provider,
        digest=digest,
        message=message,
        country=question.place.country,
        # What an address says is personal; what a rate is for is not.
        region=question.place.region if is_of_region else None,
        place_source=question.place.source,
        is_business=question.is_business,
        shipping_given=False,
        lines=kept(verdicts),
    )


def _by_rates(
    uow: UnitOfWork, question: TaxQuestion, beside: Sequence[tuple[TaxVerdict, int]] = ()
) -> Sequence[TaxVerdict]:
    engine = RateEngine(taxes.rates_for(uow.db, question.place.country))
    return engine.taxes(question, beside=beside).verdicts


def _amount(line: OrderLine) -> int:
    return line.subtotal_minor - line.discount_minor


def _with_taxes(order: Order, parts: Parts, by_key: Mapping[UUID, int]) -> Taxed:
    """The order with taxes by line, and that of the delivery by its own id. Others stay."""
    lines = tuple(
        with_current(replace(line, tax_minor=by_key[line.id])) if line.id in by_key else line
        for line in parts.lines
    )
    shipping = by_key.get(order.id, order.shipping_tax_minor)
    summed = with_sums(replace(order, shipping_tax_minor=shipping), lines)
    return Taxed(summed, replace(parts, lines=lines))


def _put(uow: UnitOfWork, lines: Sequence[OrderLine], sheet: TaxSheet) -> None:
    columns = ("id", "tax_minor", "current_tax_minor")
    _PUT_TAXES(uow.db, [{name: getattr(line, name) for name in columns} for line in lines])
    put_sheet(uow, sheet)
