"""Setting the customs data and the fiscal profiles of a variant."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.customs import queries
from backoffice_api.domain.customs.model import customs as of_customs
from backoffice_api.domain.customs.model import profiles as of_profiles
from backoffice_api.domain.customs.model.customs import Customs, CustomsSet
from backoffice_api.domain.customs.model.profiles import FiscalProfileSet
from backoffice_api.domain.customs.tables import customs, fiscal_profiles
from backoffice_api.domain.kernel import events
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products.commands.touching import touch_variant
from backoffice_api.domain.products.tables import variants


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCustoms(Command):
    scope = Scope.PRODUCTS_WRITE
    table = variants
    id: UUID
    hs_code: str | Keep | None = KEEP
    country_of_origin: str | Keep | None = KEEP
    description: str | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFiscalProfile(Command):
    """`data` None takes the profile away."""

    scope = Scope.PRODUCTS_WRITE
    table = variants
    id: UUID
    country: str
    data: Mapping[str, Any] | None


def set_customs(uow: UnitOfWork, command: SetCustoms) -> UUID:
    """Change what is given of the customs data of a variant; what is absent stays. Its id.

    Raises:
        UnknownVariant, InvalidTransition.
        InvalidHsCode, UnknownCountry, InvalidText: the change is wrong.
    """
    before = queries.customs_by_variants(uow.db, [command.id]).get(command.id) or Customs()
    faults = Faults()
    after = of_customs.checked(
        faults,
        Customs(
            hs_code=patched(command.hs_code, before.hs_code),
            country_of_origin=patched(command.country_of_origin, before.country_of_origin),
            description=patched(command.description, before.description),
        ),
    )
    faults.check()
    variant = touch_variant(uow, command.id)
    uow.db.execute(delete(customs).where(customs.c.variant_id == variant.id))
    if after != Customs():
        uow.db.execute(
            customs.insert().values(
                variant_id=variant.id,
                hs_code=after.hs_code,
                country_of_origin=after.country_of_origin,
                description=after.description,
            )
        )
    event = CustomsSet(variant.id, variant.version, variant.sku)
    uow.emit(event, before=before, after=after)
    return variant.id


def set_fiscal_profile(uow: UnitOfWork, command: SetFiscalProfile) -> UUID:
    """Set what the tax office of a country is told of a variant. Its id.

    Raises:
        UnknownVariant, InvalidTransition.
        NoFiscalRules, InvalidFiscalField: the profile is wrong.
    """
    faults = Faults()
    country, data = command.country, None
    if command.data is None:
        of_profiles.rules_of(country)
    else:
        data = of_profiles.checked(faults, country, command.data)
    faults.check()
    present = queries.profiles_by_variants(uow.db, [command.id]).get(command.id, ())
    before = next((each.data for each in present if each.country == country), None)
    variant = touch_variant(uow, command.id)
    uow.db.execute(
        delete(fiscal_profiles).where(
            fiscal_profiles.c.variant_id == variant.id, fiscal_profiles.c.country == country
        )
    )
    if data is not None:
        uow.db.execute(
            fiscal_profiles.insert().values(variant_id=variant.id, country=country, data=data)
        )
    event = FiscalProfileSet(variant.id, variant.version, variant.sku, country)
    uow.emit(event, changes=[events.change(f"fiscal_profiles.{country}", before, data)])
    return variant.id
