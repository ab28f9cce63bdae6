"""What can be done with sellers: set as a whole, with the channels in which they sell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete

from backoffice_api.domain.customers.model import AddressDraft, TaxId, check_address
from backoffice_api.domain.fulfillment.model.calendars import NoSuchTimeZone
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.model.sellers import (
    CHANNELS_MAX,
    DIGITS_MAX,
    FOOTER_LENGTH_MAX,
    PATTERN_LENGTH_MAX,
    PAYMENT_DAYS_MAX,
    TAX_RATES_MAX,
    InvalidNumberPattern,
    Seller,
    SellerSet,
    prefix_from,
)
from backoffice_api.domain.invoicing.model.taxes import MILLION, TaxContradicts
from backoffice_api.domain.invoicing.tables import seller_channels, sellers
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.bank_accounts import check_bic, check_iban
from backoffice_api.domain.kernel.contacts import check_email, check_locale, check_phone
from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import (
    InvalidText,
    check_range,
    check_size,
    check_text,
)
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries as orders
from backoffice_api.domain.orders.model.channels import UnknownChannel
from backoffice_api.domain.taxes.model.categories import TaxCategory


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSeller(Command):
    """All that is said of the seller with this code; it takes the place of what was said before.

    `channel_ids`: where it sells, and nobody else then.
    """

    scope = Scope.INVOICES_WRITE
    code: str
    name: str
    trade_name: str | None = None
    lines: tuple[str, ...]
    district: str | None = None
    city: str
    region: str | None = None
    postal_code: str | None = None
    country: str
    tax_ids: tuple[TaxId, ...] = ()
    registration: str | None = None
    email: str | None = None
    phone: str | None = None
    iban: str | None = None
    bic: str | None = None
    bank_name: str | None = None
    locale: str = "en"
    time_zone: str = "UTC"
    tax_rates: tuple[int, ...] = ()
    untaxed_category: TaxCategory = TaxCategory.ZERO
    untaxed_reason: str | None = None
    invoice_prefix: str = "INV-{year}-"
    credit_note_prefix: str = "CN-{year}-"
    number_digits: int = 0
    payment_days: int | None = None
    footer: str = ""
    fiscal_provider: str | None = None
    fiscal_data: Mapping[str, str] = field(default_factory=dict)
    gates_dispatch: bool = False
    channel_ids: tuple[UUID, ...] = ()


def set_seller(uow: UnitOfWork, command: SetSeller) -> UUID:
    """Make the seller with this code, or say anew all that is to be known of it. Its id.

    Raises:
        InvalidText, InvalidAddressLines, UnknownCountry, InvalidTaxId, InvalidIban, InvalidBic,
        InvalidEmail, InvalidPhone, InvalidLocale, NoSuchTimeZone, InvalidNumberPattern,
        OutOfRange, TooMany, TaxContradicts: something of it is wrong.
        UnknownChannel: it would sell in a channel that there is not.
    """
    faults = Faults()
    _check(uow, faults, command)
    before = queries.sellers_by_codes(uow.db, [command.code]).get(command.code)
    after = _row(uow, faults, command, before)
    faults.check()
    if before is None:
        add(uow, sellers, [after])
    else:
        after = save(uow, sellers, before, after)
    _put_channels(uow, after.id, command.channel_ids)
    uow.emit(SellerSet(after.id, after.version, after.name), before=before, after=after)
    return after.id


def _check(uow: UnitOfWork, faults: Faults, command: SetSeller) -> None:
    check_text(command.code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(command.fiscal_provider, faults, "fiscal_provider", maximum=CODE_LENGTH_MAX)
    for name in ("name", "trade_name", "registration", "bank_name", "untaxed_reason"):
        check_text(getattr(command, name), faults, name)
    check_text(command.footer, faults, "footer", minimum=0, maximum=FOOTER_LENGTH_MAX)
    check_address(_address(command), faults)
    check_range(command.number_digits, faults, "number_digits", minimum=0, maximum=DIGITS_MAX)
    check_range(command.payment_days, faults, "payment_days", minimum=0, maximum=PAYMENT_DAYS_MAX)
    check_size(command.tax_rates, faults, "tax_rates", maximum=TAX_RATES_MAX)
    for position, rate in enumerate(command.tax_rates[:TAX_RATES_MAX]):
        check_range(rate, faults, "tax_rates", position, minimum=1, maximum=MILLION)
    if command.untaxed_category is TaxCategory.STANDARD:
        faults.add(TaxContradicts().at("untaxed_category"))
    if command.gates_dispatch and command.fiscal_provider is None:
        faults.add(InvalidText(1, CODE_LENGTH_MAX).at("fiscal_provider"))
    _check_time_zone(faults, command.time_zone)
    _check_channels(uow, faults, command)


def _check_time_zone(faults: Faults, name: str) -> None:
    try:
        # Names of the database only: some are paths elsewhere.
        if not name or name.startswith((".", "/")):
            raise ValueError(name)
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        faults.add(NoSuchTimeZone(name).at("time_zone"))


def _check_channels(uow: UnitOfWork, faults: Faults, command: SetSeller) -> None:
    """Note channels that there are not, and patterns that come to no prefix in one of them."""
    check_size(command.channel_ids, faults, "channel_ids", maximum=CHANNELS_MAX)
    known = orders.channels_by_ids(uow.db, set(command.channel_ids[:CHANNELS_MAX]))
    for position, id in enumerate(command.channel_ids[:CHANNELS_MAX]):
        if id not in known:
            faults.add(UnknownChannel(ids.text("chn", id)).at("channel_ids", position))
    codes = [each.code for each in known.values()] or ["x"]
    for name in ("invoice_prefix", "credit_note_prefix"):
        pattern = getattr(command, name)
        check_text(pattern, faults, name, minimum=0, maximum=PATTERN_LENGTH_MAX)
        try:
            for code in codes:
                prefix_from(pattern, on=uow.now.date(), channel=code)
        except InvalidNumberPattern as fault:
            faults.add(fault.at(name))


def _row(uow: UnitOfWork, faults: Faults, command: SetSeller, before: Seller | None) -> Seller:
    """The seller with its values in canonical form; what is wrong with them is noted."""
    tax_ids = []
    for position, each in enumerate(command.tax_ids):
        try:
            tax_id = each.canonical()
            tax_ids.append({"kind": tax_id.kind.value, "value": tax_id.value})
        except Invalid as fault:
            faults.add(fault.at("tax_ids", position, "value"))
    canonical = _canonical(faults, command)
    return Seller(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name,
        trade_name=command.trade_name,
        lines=list(command.lines),
        district=command.district,
        city=command.city,
        region=command.region,
        postal_code=command.postal_code,
        country=command.country,
        tax_ids=tax_ids,
        registration=command.registration,
        email=canonical["email"],
        phone=canonical["phone"],
        iban=canonical["iban"],
        bic=canonical["bic"],
        bank_name=command.bank_name,
        locale=canonical["locale"] or command.locale,
        time_zone=command.time_zone,
        tax_rates=list(command.tax_rates),
        untaxed_category=command.untaxed_category,
        untaxed_reason=command.untaxed_reason,
        invoice_prefix=command.invoice_prefix,
        credit_note_prefix=command.credit_note_prefix,
        number_digits=command.number_digits,
        payment_days=command.payment_days,
        footer=command.footer,
        fiscal_provider=command.fiscal_provider,
        fiscal_data=dict(command.fiscal_data),
        gates_dispatch=command.gates_dispatch,
    )


def _canonical(faults: Faults, command: SetSeller) -> Mapping[str, str | None]:
    """Ways to reach it and its account, in canonical form; what is wrong with them is noted."""
    canonical: dict[str, str | None] = {}
    for name, check in (
        ("email", check_email),
        ("phone", check_phone),
        ("iban", check_iban),
        ("bic", check_bic),
        ("locale", check_locale),
    ):
        value = getattr(command, name)
        try:
            canonical[name] = None if value is None else check(value)
        except Invalid as fault:
            faults.add(fault.at(name))
            canonical[name] = None
    return canonical


def _put_channels(uow: UnitOfWork, seller_id: UUID, channel_ids: tuple[UUID, ...]) -> None:
    """Have the seller sell in these channels, and in no others."""
    uow.db.execute(
        delete(seller_channels).where(
            (seller_channels.c.seller_id == seller_id)
            | seller_channels.c.channel_id.in_(channel_ids)
        )
    )
    if channel_ids:
        rows = [{"channel_id": id, "seller_id": seller_id} for id in sorted(set(channel_ids))]
        uow.db.execute(seller_channels.insert(), rows)


def _address(command: SetSeller) -> AddressDraft:
    return AddressDraft(
        label=None,
        recipient=None,
        lines=command.lines,
        district=command.district,
        city=command.city,
        region=command.region,
        postal_code=command.postal_code,
        country=command.country,
        is_default_shipping=False,
        is_default_billing=False,
    )
