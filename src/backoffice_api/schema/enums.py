"""Choices of the domain as enums of the schema, with the same descriptions."""

from typing import TypeVar

import strawberry

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.schema.directives import docstring

C = TypeVar("C", bound=type[Choice])


def choice(choices: C, *, name: str | None = None) -> C:
    """Make `choices` an enum of the schema, unless it is one already."""
    if "__strawberry_definition__" in vars(choices):
        return choices
    strawberry.enum(choices, name=name, description=docstring(choices))
    for value, member in zip(choices.__strawberry_definition__.values, choices, strict=True):  # type: ignore[attr-defined]
        value.description = member.description
    return choices
