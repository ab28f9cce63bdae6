"""What the schema says of a field besides its type: its right, its price, its privacy."""

import inspect
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry.schema_directive import Location

from backoffice_api.domain.kernel.scopes import Scope

T = TypeVar("T", bound=type)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT],
    description="The scope that the caller's token or role must hold.",
)
class Requires:
    scope: str = strawberry.directive_field(name="scope")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="What a field costs: its weight, times the values of the arguments named.",
)
class Cost:
    weight: int = strawberry.directive_field(name="weight", default=1)
    multipliers: list[str] | None = strawberry.directive_field(name="multipliers", default=None)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="The value is personal data of this class (LGPD art. 5, GDPR art. 4).",
)
class Personal:
    kind: str = strawberry.directive_field(name="class")


def about(
    description: str,
    *,
    scope: Scope | None = None,
    personal: str | None = None,
    weight: int | None = None,
    multipliers: list[str] | None = None,
    **options: Any,
) -> Any:
    """A field and what is to be known of it. Further options are those of `strawberry.field`."""
    directives: list[object] = []
    if scope:
        directives.append(Requires(scope=scope.value))
    if weight is not None or multipliers:
        directives.append(Cost(weight=1 if weight is None else weight, multipliers=multipliers))
    if personal:
        directives.append(Personal(kind=personal))
    return strawberry.field(description=description, directives=directives, **options)


@dataclass_transform(kw_only_default=True, field_specifiers=(about,))
def described(cls: T) -> T:
    """Make a class a type of the schema; its docstring is the description."""
    return strawberry.type(cls, description=docstring(cls))


def docstring(cls: type) -> str:
    """What a class says of itself, without the indentation of the source."""
    return inspect.cleandoc(cls.__doc__ or "")
