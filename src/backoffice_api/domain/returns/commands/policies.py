"""What can be done with policies: set by their code, and removed."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select, update

from backoffice_api.domain.catalog.model.categories import UnknownCategory
from backoffice_api.domain.catalog.queries import categories_by_ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.countries import UnknownCountry, check_country
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import DomainError, Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import TooMany, check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.model.channels import UnknownChannel
from backoffice_api.domain.orders.queries import channels_by_ids
from backoffice_api.domain.returns import queries
from backoffice_api.domain.returns.model.events import ReturnPolicyRemoved, ReturnPolicySet
from backoffice_api.domain.returns.model.inspections import ItemCondition
from backoffice_api.domain.returns.model.policies import (
    FEE_BASIS_POINTS_MAX,
    POLICIES_MAX,
    PRIORITY_MAX,
    SOURCE_LENGTH_MAX,
    WINDOW_DAYS_MAX,
    PolicyPreset,
    PresetHasItsTerms,
    ReturnPolicy,
    ShippingPayer,
    WindowStart,
)
from backoffice_api.domain.returns.model.presets import PRESETS
from backoffice_api.domain.returns.tables import return_lines, return_policies

EXPIRES_DAYS = 30
PRIORITY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReturnPolicy(Command):
    """Names a policy by its code and says all of it; what is None is as the preset, or as usual.

    `conditions`, `countries` empty: any. `auto_approve_minor`: of `currency`; None: whatever.
    """

    scope = Scope.RETURNS_APPROVE
    code: str
    currency: str
    preset: PolicyPreset | None = None
    name: str | None = None
    priority: int = PRIORITY
    channel_id: UUID | None = None
    category_id: UUID | None = None
    countries: tuple[str, ...] | None = None
    window_days: int | None = None
    window_start: WindowStart | None = None
    conditions: tuple[ItemCondition, ...] = ()
    excluded: bool = False
    fee_basis_points: int = 0
    refunds_shipping: bool = True
    shipping_payer: ShippingPayer | None = None
    auto_approve_minor: int | None = None
    auto_decline: bool = False
    expires_days: int = EXPIRES_DAYS
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveReturnPolicy(Command):
    scope = Scope.RETURNS_APPROVE
    table = return_policies
    id: UUID


def set_return_policy(uow: UnitOfWork, command: SetReturnPolicy) -> UUID:
    """Make a policy, or change the one with this code. What was judged stays judged. Its id.

    Raises:
        UnknownChannel, UnknownCategory, UnknownCountry, UnknownCurrency.
        PresetHasItsTerms: it would grant less than the law whose preset it is.
        InvalidText, OutOfRange, TooMany: the input is wrong.
    """
    _check(uow, command)
    before = queries.policies_by_codes(uow.db, [command.code]).get(command.code)
    terms = PRESETS[command.preset] if command.preset else None
    countries = terms.countries if terms and command.countries is None else command.countries
    days = terms.window_days if terms and command.window_days is None else command.window_days
    made = ReturnPolicy(
        id=before.id if before else uow.new_id(),
        version=before.version if before else 1,
        created_at=before.created_at if before else uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name or (terms.name if terms else command.code),
        priority=command.priority,
        channel_id=command.channel_id,
        category_id=command.category_id,
        countries=list(countries or ()),
        window_days=days or 0,
        window_start=command.window_start
        or (terms.window_start if terms else WindowStart.DELIVERY),
        conditions=[each.value for each in command.conditions],
        excluded=command.excluded,
        fee_basis_points=command.fee_basis_points,
        refunds_shipping=command.refunds_shipping,
        shipping_payer=command.shipping_payer
        or (terms.shipping_payer if terms else ShippingPayer.CUSTOMER),
        auto_approve_minor=command.auto_approve_minor,
        auto_decline=command.auto_decline,
        expires_days=command.expires_days,
        currency=command.currency,
        preset=command.preset,
        source=command.source or (terms.source if terms else None),
    )
    if before is None:
        add(uow, return_policies, [made])
        after = made
    else:
        after = save(uow, return_policies, before, made)
    event = ReturnPolicySet(after.id, after.version, after.code)
    uow.emit(event, before=before, after=after)
    return after.id


def remove_return_policy(uow: UnitOfWork, command: RemoveReturnPolicy) -> UUID:
    """Judge by a policy no more. What it has judged keeps its terms. Its id.

    Raises:
        UnknownReturnPolicy.
    """
    before = queries.policy(uow.db, command.id)
    of = return_lines.c
    uow.db.execute(update(return_lines).where(of.policy_id == before.id).values(policy_id=None))
    uow.db.execute(delete(return_policies).where(return_policies.c.id == before.id))
    event = ReturnPolicyRemoved(before.id, before.version + 1, before.code)
    uow.emit(event, before=before)
    return before.id


def _check(uow: UnitOfWork, command: SetReturnPolicy) -> None:
    faults = Faults()
    check_text(command.code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(command.name, faults, "name")
    check_text(command.source, faults, "source", maximum=SOURCE_LENGTH_MAX)
    check_range(command.priority, faults, "priority", minimum=0, maximum=PRIORITY_MAX)
    bounds = {"minimum": 0, "maximum": WINDOW_DAYS_MAX}
    check_range(command.window_days, faults, "window_days", **bounds)
    check_range(command.expires_days, faults, "expires_days", minimum=1, maximum=WINDOW_DAYS_MAX)
    check_range(
        command.fee_basis_points,
        faults,
        "fee_basis_points",
        minimum=0,
        maximum=FEE_BASIS_POINTS_MAX,
    )
    check_range(command.auto_approve_minor, faults, "auto_approve", minimum=0, maximum=10**15)
    for position, country in enumerate(command.countries or ()):
        try:
            check_country(country)
        except UnknownCountry as fault:
            faults.add(fault.at("countries", position))
    try:
        exponent(command.currency)
    except DomainError as fault:
        faults.add(fault.at("currency"))
    if command.channel_id and not channels_by_ids(uow.db, [command.channel_id]):
        faults.add(UnknownChannel(command.channel_id.hex).at("channel_id"))
    if command.category_id and not categories_by_ids(uow.db, [command.category_id]):
        faults.add(UnknownCategory(command.category_id).at("category_id"))
    if command.preset and _grants_less(command):
        faults.add(PresetHasItsTerms().at("preset"))
    count = uow.db.execute(select(func.count()).select_from(return_policies)).scalar_one()
    if count >= POLICIES_MAX and not queries.policies_by_codes(uow.db, [command.code]):
        faults.add(TooMany(POLICIES_MAX).at("code"))
    faults.check()


def _grants_less(command: SetReturnPolicy) -> bool:
    """Whether a policy grants less than the law whose preset it is."""
    if command.preset is None:
        return False
    terms = PRESETS[command.preset]
    shorter = command.window_days is not None and command.window_days < terms.window_days
    shop_pays = terms.shipping_payer is ShippingPayer.SHOP
    return (
        shorter
        or command.window_start is WindowStart.SHIPMENT
        or command.excluded
        or command.fee_basis_points > 0
        or not command.refunds_shipping
        or (shop_pays and command.shipping_payer is ShippingPayer.CUSTOMER)
    )
