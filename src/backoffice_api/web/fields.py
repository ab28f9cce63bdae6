"""The header fields of a request, straight from its ASGI scope."""

from starlette.types import Scope


def field(scope: Scope, name: bytes) -> str | None:
    """The value of the field with this lower-case name; None where the request has none.

    Where it was sent several times, the values stand behind each other, with commas between them
    (RFC 9110, section 5.2). A field that may have one value only is wrong then by its form.
    """
    values = [value for each, value in scope["headers"] if each == name]
    if not values:
        return None
    given: bytes = values[0] if len(values) == 1 else b", ".join(values)
    return given.decode("latin-1")
