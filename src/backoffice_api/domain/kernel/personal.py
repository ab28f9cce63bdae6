"""What is known of people, said beside each column that holds it.

`Column(..., info=personal.CONTACT)` marks a column, `Table(..., info=personal.of("subject_id"))`
says how rows lead to a person where no foreign key does. Export, erasure, retention and the test
that finds new columns all read these marks, and nothing else.
"""

from typing import Any

from sqlalchemy import Column, Table

from backoffice_api.domain.kernel.choices import Choice

# Stands where a value of an erased person was. Append-only tables let a marked column change to
# this, or to NULL, and to nothing else.
ERASED = "(erased)"


class PersonalClass(Choice):
    """Of which class personal data are (LGPD art. 5, GDPR art. 4)."""

    IDENTITY = "identity", "Who somebody is: names, tax ids."
    CONTACT = "contact", "How somebody is reached: mail addresses, phone numbers."
    ADDRESS = "address", "Where somebody lives or receives things."
    PAYMENT = "payment", "With what somebody pays: accounts, cards, payment codes."
    CONTENT = "content", "What somebody wrote, or what was written about somebody."
    STAFF = "staff", "Who works here."
    CUSTOM = "custom", "What the shop notes beyond that: tags, custom fields."
    DEVICE = "device", "With which machine, and from where, somebody came."


class Erasing(Choice):
    """What takes the place of a value when its person is erased."""

    DEFAULT = (
        "default",
        "Nothing where a column can be empty; else the word, and of structured data its texts.",
    )
    WORD = "word", "The word, although the column could be empty."
    EMPTY = "empty", "An empty text, as there is where nothing was said."
    DISTINCT = "distinct", "The word with the id of the row, where several must differ."
    PARTS = "parts", "Of structured data, its texts, each by the word."
    STAYS = "stays", "Nothing: it tells of nobody in particular, once the rest is gone."


IDENTITY: dict[Any, Any] = {"personal": "identity"}
CONTACT: dict[Any, Any] = {"personal": "contact"}
ADDRESS: dict[Any, Any] = {"personal": "address"}
PAYMENT: dict[Any, Any] = {"personal": "payment"}
CONTENT: dict[Any, Any] = {"personal": "content"}
STAFF: dict[Any, Any] = {"personal": "staff"}
CUSTOM: dict[Any, Any] = {"personal": "custom"}
DEVICE: dict[Any, Any] = {"personal": "device"}

# What staff wrote where a text always is; of a name and an address, the word, made unlike others.
NOTE: dict[Any, Any] = {**CONTENT, "erasing": Erasing.EMPTY.value}
NAME: dict[Any, Any] = {**IDENTITY, "erasing": Erasing.DISTINCT.value}
RECIPIENT: dict[Any, Any] = {**CONTACT, "erasing": Erasing.DISTINCT.value}

# Rows that are removed with their person, not emptied.
GOES: dict[Any, Any] = {"goes": True}

# Whose data a table holds that leads to no customer.
OF_STAFF: dict[Any, Any] = {"whose": "staff"}
OF_SHOP: dict[Any, Any] = {"whose": "shop"}
OF_SUPPLIERS: dict[Any, Any] = {"whose": "suppliers"}
# May hold anybody's words, and does not say whose: searched for the values themselves.
OF_ANYBODY: dict[Any, Any] = {"whose": "anybody"}


def erased(mark: dict[Any, Any], how: Erasing) -> dict[Any, Any]:
    """The mark of a column that is emptied in another way than most."""
    return {**mark, "erasing": how.value}


def of(column: str, **more: Any) -> dict[Any, Any]:
    """The mark of a table whose `column` holds the id of what its rows are about, whatever it is.

    `more`: further marks of the table.
    """
    return {"person": column, **more}


def file(storage: str) -> dict[Any, Any]:
    """The mark of a column that names a file in a storage, which goes with the person."""
    return {"file": storage}


def kept(duty: str, since: str, **more: Any) -> dict[Any, Any]:
    """The mark of a table whose rows a law keeps, as they are, for years after `since`.

    `duty`: the name of a schedule. `since`: a column with a day or a moment.
    """
    return {"kept": duty, "since": since, **more}


def scheduled(schedule: str, since: str, **more: Any) -> dict[Any, Any]:
    """The mark of a table whose rows are emptied some time after `since`, if the shop says so."""
    return {"schedule": schedule, "since": since, **more}


def class_of(column: Column[Any]) -> PersonalClass | None:
    """Of which class a column is. None: it holds nothing personal."""
    name = column.info.get("personal")
    return None if name is None else PersonalClass(name)


def erasing_of(column: Column[Any]) -> Erasing:
    """How a marked column is emptied."""
    return Erasing(column.info.get("erasing", Erasing.DEFAULT))


def personal_columns(table: Table) -> list[Column[Any]]:
    """The marked columns of a table, in their order."""
    return [each for each in table.columns if "personal" in each.info]
