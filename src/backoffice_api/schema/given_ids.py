"""Ids that need not be given."""

from uuid import UUID

from strawberry import UNSET

from backoffice_api.domain.kernel import ids


def given_id(prefix: str, given: str | None) -> UUID | None:
    """The id in a text. None: none was given; an empty text is one that is wrong.

    Raises:
        MalformedId: the text is no id of this kind.
    """
    return None if given is None or given is UNSET else ids.parse(prefix, given)
