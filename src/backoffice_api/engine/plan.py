"""What a schema tells the engine of its fields, so that operations can be compiled.

A schema gives each field a kind: how its value comes from that of its parent, from the database,
or from the arguments. Fields without a kind are left to graphql-core. The engine knows no
database: it hands on the connection that it is given, and reads through `Batch` and `Listed`.
These make questions, and `Fields.together` answers all of one level at once.

A value of the database can be raw, as the driver gives it, or plain, as resolvers see it.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Row = tuple[Any, ...]


class Column(Protocol):
    """How the raw values of a column look.

    `decode` makes a raw value plain where it is not NULL; None: they are the same. `encode` is the
    way back. `known` has the plain values of all raw ones, where these are few. A raw id has 16
    bytes, a plain one is a UUID. `python` is the class of all raw values that are not NULL, where
    the database guarantees one.
    """

    @property
    def nullable(self) -> bool: ...
    @property
    def decode(self) -> Callable[[Any], Any] | None: ...
    @property
    def encode(self) -> Callable[[Any], Any] | None: ...
    @property
    def is_id(self) -> bool: ...
    @property
    def known(self) -> Mapping[Any, Any] | None: ...
    @property
    def python(self) -> type[Any] | None: ...


class Rows(Protocol):
    """Rows with columns. `shape` is the class of the values that resolvers see for them."""

    @property
    def shape(self) -> type[Any]: ...

    def column(self, name: str, dialect: str) -> Column | None:
        """The column behind attribute `name` of the shape. None: it is no column."""


class Batch(Rows, Protocol):
    """Rows that are found by a key: one per key, or `many`."""

    @property
    def many(self) -> bool: ...

    def key(self, dialect: str) -> Column:
        """The column that holds the key."""

    def reader(self, names: tuple[str, ...], dialect: str) -> Callable[[Collection[Any]], Any]:
        """Takes raw keys; gives a question for tuples of the raw key and the columns `names`."""


class Page(Protocol):
    """One page: its rows in the order of the list."""

    @property
    def rows(self) -> Sequence[Row]: ...
    @property
    def has_previous(self) -> bool: ...
    @property
    def has_next(self) -> bool: ...


class PageReader(Protocol):
    """Asks for pages. Behind the columns wanted, a row has two by which its cursor is made.

    A row of a page that has an owner ends with one more.
    """

    def page(self, request: Any) -> Any:
        """A question for a `Page`."""

    def pages(self, connection: Any, keys: Collection[Any], request: Any) -> Any:
        """A question for the pages of these raw keys: a mapping."""

    def cursors(self, context: Any, request: Any) -> Callable[[Any, Any], str]:
        """Makes the cursor of a row from the two columns."""


class Listed(Rows, Protocol):
    """A list that may be long, whole or in parts that belong to an owner."""

    def request(self, context: Any, arguments: Mapping[str, Any]) -> Any:
        """What the arguments ask for. Raises where they make no sense."""

    def owner(self, dialect: str) -> Column | None:
        """The column that holds the owner. None: the list is read as a whole."""

    def reader(self, names: tuple[str, ...], dialect: str) -> PageReader:
        """What reads pages with the columns `names`."""


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A function of a connection and plain keys; its answer lacks keys that have nothing."""

    ask: Callable[..., Mapping[Any, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Attribute:
    """The attribute `name` of the parent."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """What `function` makes of the parent: always the same of the same, and without reading."""

    function: Callable[[Any], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What `function` makes of the context and the parent: it may depend on who asks.

    Always the same of the same, and without reading.
    """

    function: Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """The text `prefix`, and the hexadecimal digits of the parent's `attribute`, a UUID."""

    prefix: str
    attribute: str = "id"


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """What `batch` finds by attribute `key` of the parent; `default` where it finds nothing.

    `takes_arguments`: the batch is a query, which takes the arguments of the field behind the keys.
    """

    batch: Batch | Query
    key: str
    default: Any = None
    takes_arguments: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Paged:
    """A connection of the Relay specification over `listed`, owned by the parent's `key`.

    Its attributes are `nodes`, `edges` (with `cursor` and `node`) and `page_info` (with
    `has_next_page`, `has_previous_page`, `start_cursor`, `end_cursor`).
    """

    listed: Listed
    key: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A root field that `read` answers from a connection, the context and the arguments.

    Where it needs no connection it gets None.
    """

    read: Callable[[Any, Any, Mapping[str, Any]], Any]
    needs_connection: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """One way among several, and the plain key of what is wanted."""

    way: str
    key: Any


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Something that is found in one of several ways, by a key that comes with the choice.

    `ways` has a batch for each way, and the name of the type of what it finds. `choose` takes the
    context and what `of` makes of the parent; of a root field, which has no `of`, the arguments.
    It gives a choice, or None where there is nothing; with `many`, a sequence of these.
    """

    ways: Mapping[str, tuple[str, Batch | Query]]
    choose: Callable[[Any, Any], Any]
    of: Callable[[Any], Any] | None = None
    many: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """A field of the mutation type: `run` takes the context and the arguments."""

    run: Callable[[Any, dict[str, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Streamed:
    """A field of the subscription type: `open` makes of its arguments what is to be followed."""

    open: Callable[[dict[str, Any]], Any]


Kind = (
    Attribute | Computed | Shown | Identity | Linked | Paged | Asked | Chosen | Command | Streamed
)


@dataclass(frozen=True, slots=True, eq=False)
class Shortcut:
    """What a scalar writes for a derived value, straight from the attributes that it rests on."""

    attributes: tuple[str, ...]
    write: Callable[..., Any]


class Fields(Protocol):
    """What a schema says of its fields. Names of types and fields are those of GraphQL."""

    @property
    def together(self) -> Callable[..., Sequence[Any]]:
        """Takes a connection and questions; gives what is read for each of them."""

    def kind(self, type_name: str, field_name: str) -> Kind | None:
        """How the field gets its value. None: only graphql-core can tell."""

    def arguments(
        self, type_name: str, field_name: str
    ) -> Callable[[dict[str, Any]], dict[str, Any]]:
        """Makes of coerced arguments what the resolver of the field would be given."""

    def writer(self, column: Column, scalar: str, dialect: str) -> Callable[[Any], Any] | None:
        """What the scalar writes for a raw value that is not NULL. None: nothing shorter is known.

        It must equal what the scalar writes for the plain value.
        """

    def shortcut(self, kind: type[Any], attribute: str, scalar: str) -> Shortcut | None:
        """How the scalar writes the attribute of a value of this class, where that is shorter."""

    def is_plain(self, kind: type[Any]) -> bool:
        """Whether making a value of this dataclass does nothing but keep its fields."""

    def type_of(self, type_name: str) -> Callable[[Any], str] | None:
        """Names the object type of a value of this interface or union. None: unknown."""
