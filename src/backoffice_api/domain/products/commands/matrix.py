"""The variants that follow from options: every combination of their values that there is not."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product as combinations
from math import prod
from string import Formatter
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import TooMany, check_distinct, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands.drafts import (
    VariantDraft,
    add_variants,
    check_draft,
)
from backoffice_api.domain.products.model import (
    MACHINE,
    OptionsMismatch,
    ProductStatus,
    check_prices,
    options_key,
)
from backoffice_api.domain.products.model.matrix import (
    COMBINATIONS_MAX,
    Generated,
    InvalidSkuPattern,
    OptionValues,
)
from backoffice_api.domain.products.tables import products

_NOT_IN_SKUS = re.compile(r"[^0-9A-Za-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateVariants(Command):
    """`sku_pattern` has the names of options in braces: `TEE-{Size}-{Colour}`."""

    scope = Scope.PRODUCTS_WRITE
    table = products
    id: UUID
    options: tuple[OptionValues, ...]
    sku_pattern: str
    prices: tuple[UnitPrice, ...] = ()


def generate_variants(uow: UnitOfWork, command: GenerateVariants) -> Generated:
    """Make the variants of a product that its options lack, with a constant number of statements.

    Combinations that a variant in use has stay as they are. A dry run shows what would be made.

    Raises:
        UnknownProduct, InvalidTransition.
        OptionsMismatch: not just the options of the product are given.
        InvalidSkuPattern: the pattern names no option that there is, or gives the same SKU twice.
        TooMany: there are more than `COMBINATIONS_MAX` combinations, or the product would have
            more variants than it can.
        SkuTaken: another variant has one of the SKUs.
        InvalidText, Duplicate, NegativePrice: the input is wrong.
    """
    product = queries.product(uow.db, command.id)
    MACHINE.check("update", product.status)
    values = _values(command, product.option_names)
    present = {
        options_key(each.option_values)
        for each in queries.variants_of(uow.db, product.id)
        if each.status is ProductStatus.ACTIVE
    }
    missing = [each for each in combinations(*values) if options_key(each) not in present]
    drafts = [
        VariantDraft(
            sku=_sku(command.sku_pattern, product.option_names, each),
            option_values=each,
            prices=command.prices,
        )
        for each in missing
    ]
    faults = Faults()
    for draft in drafts:
        check_draft(faults, product.option_names, draft)
    if len({draft.sku for draft in drafts}) < len(drafts):
        faults.add(InvalidSkuPattern("the same SKU twice").at("sku_pattern"))
    faults.check()
    made = add_variants(uow, product, [(draft, ()) for draft in drafts])
    return Generated(product.id, tuple(each.id for each in made))


def _values(command: GenerateVariants, names: Sequence[str]) -> Sequence[Sequence[str]]:
    """The values of each option of the product, in the order of its options."""
    faults = Faults()
    given = {each.name: each.values for each in command.options}
    if set(given) != set(names) or len(command.options) != len(names):
        faults.add(OptionsMismatch(len(names), len(command.options)).at("options"))
    for position, each in enumerate(command.options):
        check_distinct(each.values, faults, "options", position, "values")
        for place, value in enumerate(each.values):
            check_text(value, faults, "options", position, "values", place)
    check_prices(faults, command.prices)
    check_text(command.sku_pattern, faults, "sku_pattern", maximum=CODE_LENGTH_MAX)
    if prod(len(each) for each in given.values()) > COMBINATIONS_MAX:
        faults.add(TooMany(COMBINATIONS_MAX).at("options"))
    faults.check()
    return [given[name] for name in names]


def _sku(pattern: str, names: Sequence[str], values: Sequence[str]) -> str:
    """The SKU of one combination: values in capitals, hyphens for whatever is no letter or digit.

    Raises:
        InvalidSkuPattern: braces hold something else than the name of an option.
    """
    codes: Mapping[str, str] = {
        name: _NOT_IN_SKUS.sub("-", value.upper()).strip("-")
        for name, value in zip(names, values, strict=True)
    }
    parts = []
    try:
        for text, name, form, conversion in Formatter().parse(pattern):
            parts.append(text)
            if name is None:
                continue
            if name not in codes or form or conversion:
                raise InvalidSkuPattern(name).at("sku_pattern")
            parts.append(codes[name])
    except ValueError:
        raise InvalidSkuPattern(pattern).at("sku_pattern") from None
    return "".join(parts)
