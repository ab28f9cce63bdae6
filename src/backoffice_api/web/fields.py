"""The header fields of a request, straight from its ASGI scope."""

from starlette.types import Scope

# Where a scope keeps its fields by their names, once somebody has asked for one.
_FIELDS = "backoffice.fields"


def field(scope: Scope, name: bytes) -> str | None:
    """The value of the field with this lower-case name; None where the request has none.

    Where it was sent several times, the values stand behind each other, with commas between them
    (RFC 9110, section 5.2). A field that may have one value only is wrong then by its form.
    """
    fields = scope.get(_FIELDS)
    if fields is None:
        fields = scope[_FIELDS] = _fields(scope)
    given: bytes | None = fields.get(name)
    return None if given is None else given.decode("latin-1")


def _fields(scope: Scope) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        found[name] = value if name not in found else b", ".join((found[name], value))
    return found
