"""What a template selects by a document of its own: the shape of the answer, and its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from backoffice_api.domain.kernel.errors import Invalid, Refused
from backoffice_api.domain.kernel.scopes import Scope

# By this word a template speaks of what it selects.
SELECTED = "selected"


@dataclass(frozen=True, slots=True, eq=False)
class Selected:
    """Something of which these fields are selected, and what each of them stands for."""

    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Each:
    """A list, and what it is of."""

    of: Any


@dataclass(frozen=True, slots=True)
class Selection:
    """A document that templates may select by: the rights it takes, and what it answers."""

    scopes: frozenset[Scope]
    shape: Selected


@dataclass(eq=False)
class SelectionNotRead(Refused):
    """What a template selects cannot be read of this order."""

    reason: str
    message = "What the template selects cannot be read: {reason}"


@dataclass(eq=False)
class NothingToSelectOf(Invalid):
    """Messages of this topic need not be about an order, and a document selects of one."""

    message = "Messages of this topic need not be about an order, so nothing can be selected."


def spoken(value: Any, shape: Any) -> Any:
    """What was answered, as templates speak of it: everything is there, and nothing is null.

    What is not known is an empty text, a list of nothing, or a thing of empty texts.
    """
    match shape:
        case Selected():
            known = value if isinstance(value, Mapping) else {}
            fields = {name: spoken(known.get(name), kind) for name, kind in shape.fields.items()}
            return SimpleNamespace(**fields)
        case Each():
            return tuple(spoken(each, shape.of) for each in value or ())
    if value is None:
        return ""
    return value if isinstance(value, str | int | float) else str(value)
