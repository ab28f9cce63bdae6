"""What commands name: the rows that have to be within reach of whoever runs them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Final, TypeVar
from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.places import Words
from backoffice_api.domain.kernel.uow import Command
from backoffice_api.domain.placed_kinds import KINDS

V = TypeVar("V")

# What the fields of commands name, by their name or by `Command.field`.
_NAMED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("channel", "channel_id", "channel_ids"), "channels"),
    **dict.fromkeys(
        ("location_id", "location_ids", "from_location_id", "to_location_id", "place_ids"),
        "stock_locations",
    ),
    **dict.fromkeys(("team_id", "team_ids"), "ticket_teams"),
    **dict.fromkeys(("order_id", "order_ids", "address_of"), "orders"),
    "order_line_id": "order_lines",
    **dict.fromkeys(("fulfillment_id", "fulfillment_ids", "from_ids"), "fulfillments"),
    "parcel_id": "parcels",
    "wave_id": "waves",
    **dict.fromkeys(("shipment_id", "shipment_ids"), "shipments"),
    "quote_id": "rate_quotes",
    "payment_id": "payments",
    "refund_id": "refunds",
    "return_id": "returns",
    **dict.fromkeys(("ticket_id", "ticket_ids"), "tickets"),
    "mailbox_id": "mailboxes",
    "exception_id": "tracking_exceptions",
    "note_id": "fulfillment_put_backs",
    "rule_id": "replenishment_rules",
    "CreateLocation.parent_id": "stock_locations",
    "UpdateLocation.parent_id": "stock_locations",
    "DecideApprovals.ids": "approval_requests",
}

# Rows that are named by a text of their own: the table, and its column.
_BY_TEXT: Final[Mapping[str, tuple[str, str]]] = dict.fromkeys(
    ("CreateOrder.channel", "ImportOrder.channel", "ImportOrders.channel"), ("channels", "code")
)

# Things and people that belong to nobody's part; and parts of the row that the command names,
# which its handler looks for there and nowhere else.
_OF_NOTHING: Final = frozenset(
    """
    variant_id variant_ids product_id lot_id customer_id buyer_id owner_id assignee_id staff_id
    staff_ids token_id reason_id supplier_id carrier_id service_id packaging_id category_id
    calendar_id customer_group_ids attachment_ids photo_ids answer_id macro_id template_id
    seller_id line_id line_ids hold_id participant_id link_id message_ids for_staff_id
    from_staff_id to_staff_id parent_id subject subject_id AdjustStock.id
    code_id
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Aim:
    """Rows of one table that a command names: by their ids, or one by the `text` in `column`.

    `name` is that of the parameter that holds the text.
    """

    table: str
    ids: tuple[UUID, ...] = ()
    column: str = "id"
    text: str | None = None
    name: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.ids and self.text is None

    def without(self, ids: Collection[UUID]) -> "Aim":
        """The same without these rows."""
        return replace(self, ids=tuple(each for each in self.ids if each not in ids))

    def test(self, words: Words, condition: str) -> str:
        """What tells in SQL whether all of them are there and the condition holds for each."""
        count = len(self.ids) if self.text is None else 1
        return f"(SELECT count(*) FROM ({self.select(words, condition)}) AS _r) = {count}"  # noqa: S608  # nosec B608

    def select(self, words: Words, condition: str) -> str:
        """SELECT the names of those for which the condition holds."""
        named = words.among("_r0.id", self.ids)
        if self.text is not None:
            named = f"_r0.{self.column} = :{self.name}"
        return (
            f"SELECT _r0.{self.column} AS name FROM {words.table(self.table)} AS _r0 "  # noqa: S608  # nosec B608
            f"WHERE {named} AND {condition}"
        )


@dataclass(frozen=True, slots=True)
class Aims:
    """What a command names. Unless these `are_all`, of something nobody has said what it is."""

    found: tuple[Aim, ...]
    are_all: bool


def aims_of(command: Command) -> Aims:
    """All that a command names, without what commands within it name."""
    found: dict[str, set[UUID]] = {}
    aims: list[Aim] = []
    are_all = True
    own = type(command).__name__
    for kind, id in subjects_of(command):
        if kind in KINDS:
            found.setdefault(KINDS[kind], set()).add(id)
    for path, value in _values(command, ()):
        name = path[-1]
        if isinstance(value, str):
            if by_text := _BY_TEXT.get(f"{own}.{name}"):
                of, column = by_text
                aims.append(Aim(of, column=column, text=value, name=f"text_{len(aims)}"))
            continue
        table = _NAMED.get(f"{own}.{name}") or _NAMED.get(name)
        if path == ("id",) and command.table is not None:
            table = command.table.name
        if table is not None:
            found.setdefault(table, set()).add(value)
        elif not {name, f"{own}.{name}"} & _OF_NOTHING:
            are_all = False
    aims += (Aim(table, tuple(sorted(named))) for table, named in found.items())
    return Aims(tuple(aims), are_all)


def subjects_of(value: Any) -> Iterator[tuple[str, UUID]]:
    """Kinds and ids of what may be of any kind: what is commented on, linked to, drawn."""
    match value:
        case tuple() | list():
            for item in value:
                yield from subjects_of(item)
        case _ if is_dataclass(value) and not isinstance(value, type):
            kind = getattr(value, "subject_kind", None)
            for each in fields(value):
                match each.name, getattr(value, each.name):
                    case "subject", (str() as prefix, UUID() as id):
                        yield prefix, id
                    case "subject_id", UUID() as id if isinstance(kind, str):
                        yield kind, id
                    case (("subject" | "subject_id"), str() as text):
                        if (parts := ids.split(text)) is not None:
                            yield parts
                    case _, inner if not isinstance(inner, Command):
                        yield from subjects_of(inner)


def _values(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], UUID | str]]:
    if isinstance(value, UUID | str):
        yield path, value
    elif is_dataclass(value) and not (path and isinstance(value, Command)):
        for each in fields(value):
            yield from _values(getattr(value, each.name), (*path, each.name))
    elif isinstance(value, tuple | list | frozenset | set):
        for item in value:
            yield from _values(item, path)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _values(item, path)


def renamed(value: V, names: Mapping[UUID | str, UUID | str]) -> V:
    """A command that names other things; what `names` lacks stays."""
    new: Any = value
    match value:
        case UUID() | str():
            new = names.get(value, value)
        case tuple() | list():
            new = type(value)(renamed(each, names) for each in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            changed = {
                each.name: now
                for each in fields(value)
                if each.init
                and (now := renamed(old := getattr(value, each.name), names)) is not old
                and now != old
            }
            new = replace(value, **changed) if changed else value
    result: V = new
    return result


def rename_back(refusal: DomainError, names: Mapping[UUID | str, UUID | str]) -> None:
    """Have a refusal of a renamed command tell of what was named at first."""
    first = {new: old for old, new in names.items()}
    for each in refusal.reasons():
        for one in fields(each):  # type: ignore[arg-type]
            setattr(each, one.name, renamed(getattr(each, one.name), first))
