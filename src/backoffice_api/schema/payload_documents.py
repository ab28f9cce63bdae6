"""Documents that are stored, for webhooks and templates: what they may be, and what they take.

One form is taken: a query with one variable of the type `ID!`, that asks `node` for it and nothing
else. So a payload is about the subject of its event, and is typed as any answer of the API is.
"""

from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    NamedTypeNode,
    NonNullTypeNode,
    OperationType,
    VariableNode,
)
from strawberry import Schema

from backoffice_api.context import Context
from backoffice_api.domain.kernel.documents import (
    COST_MAX,
    PayloadDocument,
    PayloadTooCostly,
    UnfitDocument,
)
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.webhooks.model.selecting import known_event_types
from backoffice_api.engine.errors import RequestError
from backoffice_api.engine.limits import Limits
from backoffice_api.engine.prepare import Prepared, Preparer
from backoffice_api.engine.run import Terms, run
from backoffice_api.schema.nodes import KINDS
from backoffice_api.schema.rules import SchemaRules, rules_of

_FORM = "it must be one query of the form: query ($id: ID!) { node(id: $id) { ... } }."


class SchemaDocuments:
    """Documents of one schema. It is told of the schema once that is made."""

    def __init__(self) -> None:
        self._schema: Schema | None = None

    def declare(self, schema: Schema) -> Schema:
        """Check documents against this schema."""
        self._schema = schema
        return schema

    def check(self, text: str) -> PayloadDocument:
        """See `domain.kernel.documents.PayloadDocuments`."""
        return self.checked(text)[0]

    def checked(self, text: str) -> tuple[PayloadDocument, Prepared]:
        """The same, with the operation. Raises: UnfitDocument, PayloadTooCostly."""
        try:
            # One for each text: it belongs to one thread, and nothing need be kept.
            prepared = self.preparer(Limits()).prepare(text, None)
            variable_of(prepared)
            cost = prepared.cost({})
        except RequestError as refusal:
            reasons = " ".join(str(each) for each in refusal.reasons())
            raise UnfitDocument(reasons[:1_000]) from None
        if cost > COST_MAX:
            raise PayloadTooCostly(cost, COST_MAX)
        scopes = frozenset(Scope(each) for each in prepared.scopes)
        return PayloadDocument(scopes, cost), prepared

    def scope_of(self, kind: str) -> Scope:
        """See `domain.kernel.documents.PayloadDocuments`. What has no type is read in the log."""
        known = KINDS.get(kind)
        return Scope.EVENTS_READ if known is None else known.scope

    def scopes_to_hear(self, type: str, kind: str) -> frozenset[Scope]:
        """The rights that it takes to be told of events of a type that happened to this kind.

        That something happened at all is told only to who may see what it happened to.
        """
        known = known_event_types().get(type)
        kinds = {kind} if known is None else {kind, known.subject_kind}
        return frozenset(map(self.scope_of, kinds))

    def preparer(self, limits: Limits) -> Preparer:
        """What makes operations of documents, for one thread."""
        assert self._schema is not None, "the schema is made before anything is asked of it"
        return Preparer(self._schema._schema, self._rules, limits)

    @cached_property
    def _rules(self) -> SchemaRules:
        assert self._schema is not None, "the schema is made before anything is asked of it"
        return rules_of(self._schema, introspection=False)


async def answered(
    preparer: Preparer, text: str, subject: str, context: Context, terms: Terms
) -> dict[str, Any]:
    """What a document answers about the thing with the id `subject`, by the rights of the caller.

    Raises:
        UnfitDocument, RequestError: there is no answer.
    """
    prepared = preparer.prepare(text, None)
    return await run(
        prepared,
        {variable_of(prepared): subject},
        context,
        scopes=context.caller.scopes,
        reference=context.request_id,
        terms=terms,
    )


def variable_of(prepared: Prepared) -> str:
    """The name of the variable that stands for the subject.

    Raises:
        UnfitDocument: the operation has not the form of a payload.
    """
    operation = prepared.operation
    variables = operation.variable_definitions or ()
    asked = operation.selection_set.selections
    if operation.operation is not OperationType.QUERY or len(variables) != 1 or len(asked) != 1:
        raise UnfitDocument(_FORM)
    (variable,), (field,) = variables, asked
    kind, name = variable.type, variable.variable.name.value
    if not (
        isinstance(kind, NonNullTypeNode)
        and isinstance(kind.type, NamedTypeNode)
        and kind.type.name.value == "ID"
        and variable.default_value is None
        and isinstance(field, FieldNode)
        and field.name.value == "node"
        and not field.directives
    ):
        raise UnfitDocument(_FORM)
    given = [each.value for each in field.arguments or ()]
    if not (isinstance(given[0], VariableNode) and given[0].name.value == name):
        raise UnfitDocument(_FORM)
    return name


DOCUMENTS = SchemaDocuments()
