"""Who may ask what: two tables that people read, made from the schema and the roles.

`python -m tests.trust.rights` writes them. Whoever adds a field, a scope or a role runs it, reads
what has changed as a reviewer would (is that what the warehouse should see?), and commits both.

`rights.csv` has every field of the roots, `field_rights.csv` the types and fields within that have
a right of their own or hold personal data. A field within takes the rights of its type as well.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from graphql import GraphQLObjectType, get_named_type

from backoffice_api.domain.identity.model.roles import TEMPLATES
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.directives import Personal
from backoffice_api.schema.rules import rules_of

FOLDER = Path(__file__).parent
ROOT_FILE, FIELD_FILE = FOLDER / "rights.csv", FOLDER / "field_rights.csv"

RULES = rules_of(schema, introspection=False)
GRAPHQL = schema._schema
ROOTS = {
    name: getattr(GRAPHQL, f"{name}_type")
    for name in ("query", "mutation", "subscription")
    if getattr(GRAPHQL, f"{name}_type") is not None
}
# Nobody who is not signed in may ask anything.
NOBODY = "ANONYMOUS"
ROLES: Mapping[str, frozenset[str] | None] = {
    NOBODY: None,
    **{key: frozenset(map(str, each.scopes)) for key, each in TEMPLATES.items()},
}
YES, NO = "yes", "-"

Row = Sequence[str]


def cell(needed: frozenset[str], role: str) -> str:
    """Whether a role may ask what takes these scopes."""
    held = ROLES[role]
    return YES if held is not None and needed <= held else NO


def needed_of(root: str, name: str) -> frozenset[str]:
    """What a field of a root takes, by the schema: its own scopes and those of what it answers."""
    type_: GraphQLObjectType = ROOTS[root]
    answered = get_named_type(type_.fields[name].type)
    return RULES.scopes_of_field(type_.name, name) | RULES.scopes_of_type(answered.name)


def root_rows() -> Iterator[Row]:
    """A row for every field of the roots."""
    for root, type_ in ROOTS.items():
        for name in sorted(type_.fields):
            yield _row((root, name), needed_of(root, name), "")


def field_rows() -> Iterator[Row]:
    """A row for every type and field within that has a right of its own, or is personal."""
    personal = _personal()
    roots = {type_.name for type_ in ROOTS.values()}
    own = {key for key in RULES.field_scopes if key[0] not in roots}
    types = {(name, "*") for name in RULES.type_scopes}
    for type_name, name in sorted(own | types | set(personal)):
        if type_name not in GRAPHQL.type_map:
            continue
        needed = RULES.scopes_of_type(type_name) | RULES.scopes_of_field(type_name, name)
        yield _row((type_name, name), needed, personal.get((type_name, name), ""))


def read(path: Path) -> list[list[str]]:
    """The rows of a file, without the head."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def written(head: Row, rows: Iterable[Row]) -> str:
    """The text of a file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*head, *ROLES, "needs", "personal"])
    writer.writerows(rows)
    return text.getvalue()


def main() -> None:
    """Write both files."""
    ROOT_FILE.write_text(written(("root", "field"), root_rows()), encoding="utf-8")
    FIELD_FILE.write_text(written(("type", "field"), field_rows()), encoding="utf-8")


def _row(names: Row, needed: frozenset[str], personal: str) -> Row:
    return [*names, *(cell(needed, role) for role in ROLES), " ".join(sorted(needed)), personal]


def _personal() -> Mapping[tuple[str, str], str]:
    """The class of personal data that a field holds, where it holds any."""
    name_of = schema.config.name_converter.get_graphql_name
    return {
        (type_name, name_of(field)): directive.kind
        for type_name, known in schema.schema_converter.type_map.items()
        for field in getattr(known.definition, "fields", ())
        for directive in field.directives
        if isinstance(directive, Personal)
    }


if __name__ == "__main__":
    main()
