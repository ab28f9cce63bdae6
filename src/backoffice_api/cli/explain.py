"""The command `backoffice explain`: what a document costs, what it needs, and what it becomes."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import orjson
from graphql import NonNullTypeNode, get_variable_values
from graphql.execution.values import VariableValues

from backoffice_api.app import preparer_from
from backoffice_api.engine.compiler import Compiler
from backoffice_api.engine.decode import GraphQLRequest
from backoffice_api.engine.errors import RequestError
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.prepare import Prepared
from backoffice_api.engine.run import Terms, check_cost, coerce
from backoffice_api.engine.values import Unsupported
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.plans import SchemaFields
from backoffice_api.settings import Settings

_DIALECTS = ("sqlite", "postgresql")


@click.command("explain")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--variables", metavar="JSON", help="As in a request. Without, defaults count.")
@click.option(
    "--dialect",
    type=click.Choice(_DIALECTS),
    help="Kind of database; else that of BACKOFFICE_DATABASE_URL.",
)
def explain_command(file: Path, variables: str | None, dialect: str | None) -> None:
    """Show what a GraphQL document costs, the scopes it needs, and the Python made of it.

    What cannot be compiled is left to graphql-core, which takes several times as long; the reason
    stands in the place of the Python. No database is needed.

    \b
    backoffice explain operations/OrderPage.graphql
    backoffice explain list.graphql --variables '{"first": 10}' --dialect postgresql
    """

    settings = Settings.from_environment(os.environ, Path(".env"))
    chosen = dialect or _DIALECTS[not settings.database_url.startswith("sqlite")]
    try:
        for line in _explained(file, _given(variables), chosen, settings):
            click.echo(line)
    except RequestError as refusal:
        words = "\n".join(each.message for each in refusal.reasons())
        raise click.ClickException(f"{file}: {words}") from None


def _given(variables: str | None) -> dict[str, Any] | None:
    if variables is None:
        return None
    try:
        given = orjson.loads(variables)
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(given, dict):
        raise click.BadParameter("It must be a JSON object.", param_hint="--variables")
    return given


def _explained(
    file: Path, given: dict[str, Any] | None, dialect: str, settings: Settings
) -> Iterator[str]:
    """Raises RequestError where the document or the variables are wrong."""
    # Whether a document is trusted is no matter here.
    preparer = preparer_from(
        replace(settings, trusted_documents=None, trusted_documents_only=False)
    )
    compiler = Compiler(SchemaFields(schema))
    names: Sequence[str | None] = preparer.trust(file.read_text(encoding="utf-8"), [str(file)])
    for name in names or [None]:
        asked = GraphQLRequest(None, name, {}, {}, document_id=str(file))
        prepared = preparer.find(asked)
        values = _values(prepared, given, preparer.limits)
        cost = check_cost(prepared, values.coerced, preparer.limits)
        yield f"# {prepared.kind.value} {name or '(no name)'}"
        yield f"# cost: {cost} of {preparer.limits.cost}"
        yield f"# scopes: {', '.join(sorted(prepared.scopes)) or 'none'}"
        try:
            yield compiler.source(prepared, values, dialect)
        except Unsupported as reason:
            yield f"# left to graphql-core for {reason}"


def _values(prepared: Prepared, given: dict[str, Any] | None, limits: Limits) -> VariableValues:
    """The variables of a run; where none were given, those that have a default or may be absent."""
    if given is not None:
        return coerce(prepared, given, Terms(limits=limits, on_bug=lambda *_: None))
    optional = [
        each
        for each in prepared.operation.variable_definitions or ()
        if each.default_value is not None or not isinstance(each.type, NonNullTypeNode)
    ]
    values = get_variable_values(prepared.schema, optional, {})
    assert isinstance(values, VariableValues), "validation has looked at the defaults"
    return values
