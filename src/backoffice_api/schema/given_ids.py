"""Ids that need not be given, or may stay as they are."""

from uuid import UUID

from strawberry import UNSET

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.patch import KEEP, Keep


def given_id(prefix: str, given: str | None) -> UUID | None:
    """The id in a text. None: none was given; an empty text is one that is wrong.

    Raises:
        MalformedId: the text is no id of this kind.
    """
    return None if given is None or given is UNSET else ids.parse(prefix, given)


def kept_id(prefix: str, given: str | None) -> UUID | Keep | None:
    """The id in a text; what is absent stays, and null is none.

    Raises:
        MalformedId: the text is no id of this kind.
    """
    return KEEP if given is UNSET else given_id(prefix, given)
