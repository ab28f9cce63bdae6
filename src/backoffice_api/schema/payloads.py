"""What a mutation answers, and what every mutation takes."""

from typing import Any

import strawberry
from graphql import GraphQLAbstractType, GraphQLResolveInfo
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from backoffice_api.context import Info, Outcome
from backoffice_api.domain.kernel.errors import (
    DomainError,
    Invalid,
    Missing,
    Refused,
    StaleVersion,
)
from backoffice_api.domain.kernel.events import Effect as DomainEffect
from backoffice_api.domain.kernel.patch import KEEP
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.kernel.uow import Meta
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.nodes import Node, linked_node

ERRORS: dict[type[DomainError], str] = {}
ERROR_TYPES: list[type[Any]] = []


@strawberry.input(description="How a mutation is to be run. The same for all mutations.")
class MutationMeta:
    idempotency_key: str | None = about(
        "Repeat a request with the same key and it is done once: you get the first answer again. "
        "Unique per caller, 1 to 200 characters, kept for 30 days.",
        default=None,
    )
    expected_version: int | None = about(
        "Change only if the record named by `id` still has this version.", default=None
    )
    dry_run: bool = about(
        "Do everything, answer what would be, keep nothing.",
        default=False,
    )
    reason: str | None = about("Why, for the log. At most 1,000 characters.", default=None)
    reference: str | None = about(
        "URI of the document or system that caused this, for the log. At most 1,000 characters.",
        default=None,
    )


class _Reason:
    """A refusal as a value: graphql-core takes exceptions in an answer for failures."""

    def __init__(self, refusal: DomainError) -> None:
        self.refusal = refusal
        self.code = refusal.code
        self.message = str(refusal)
        self.path = path_of(refusal)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.refusal, name)


@strawberry.interface(description="Why a mutation was refused. Nothing was changed.")
class UserError:
    code: str = about("Stable name of the reason, as INSUFFICIENT_STOCK.")
    message: str = about("The reason in words, for people.")
    path: list[str] | None = about(
        'The argument at fault, as ["input", "lines", "0", "quantity"]. '
        "Null if it is the request as a whole."
    )

    @classmethod
    def resolve_type(
        cls, value: _Reason, info: GraphQLResolveInfo[Any], abstract: GraphQLAbstractType
    ) -> str:
        return next(ERRORS[kind] for kind in type(value.refusal).__mro__ if kind in ERRORS)


def error(*kinds: type[DomainError]) -> Any:
    """Make a class the type on the wire of these refusals and those derived from them."""

    def decorate(cls: Any) -> Any:
        cls.is_type_of = classmethod(lambda cls, value, info: isinstance(value, _Reason))
        ERRORS.update(dict.fromkeys(kinds, cls.__name__))
        made = described(cls)
        ERROR_TYPES.append(made)
        return made

    return decorate


@error(Invalid, Missing)
class InputError(UserError):
    """Something in the input is wrong, or points at what is not there."""


@error(Refused)
class RefusedError(UserError):
    """The input is well formed, and the present state of things forbids it."""


@error(StaleVersion)
class StaleVersionError(UserError):
    """Somebody else changed the record since you read it."""

    expected: int = about("The version that was given.")
    actual: int = about("The version that the record has now.")


@error(InvalidTransition)
class InvalidTransitionError(UserError):
    """The present state does not allow this action."""

    action: str = about("What was asked for.")
    present: str = about("The state that the record is in.")
    allowed: list[str] = about("The actions that are possible in this state.")


def _subject(effect: DomainEffect) -> str:
    return effect.subject


@described
class Effect:
    """One thing that a mutation changed, or would change."""

    kind: str = about("Type of the event, as `order.placed`.")
    summary: str = about("What happened, in one sentence.")

    subject: Node | None = linked_node(
        _subject, "What it happened to. Null if the caller may not see it."
    )


@strawberry.interface(description="What every mutation answers.")
class MutationPayload:
    @strawberry.field(description="Why nothing was done. Empty: it was done.")
    def user_errors(parent: strawberry.Parent[Outcome]) -> list[UserError]:
        return [_Reason(refusal) for refusal in parent.errors]  # type: ignore[misc]

    effects: list[Effect] = about("What was changed, or would be, in the order it happened.")
    replayed: bool = about("This is what an earlier request with the same key did.")
    request_id: strawberry.ID = about("Names this request in the log; quote it to support.")


def payload(cls: Any) -> Any:
    """Make a class a payload of the schema; its values are outcomes of commands."""
    cls.is_type_of = classmethod(lambda cls, value, info: isinstance(value, Outcome))
    return described(cls)


def meta_of(given: MutationMeta | None, info: Info) -> Meta:
    """The meta of the domain: that of the mutation, completed by that of the request."""
    header, request_id = info.context.idempotency_key, info.context.request_id
    if given is None:
        return Meta(idempotency_key=header, request_id=request_id)
    return Meta(
        idempotency_key=header if given.idempotency_key is None else given.idempotency_key,
        expected_version=given.expected_version,
        dry_run=given.dry_run,
        reason=given.reason,
        reference=given.reference,
        request_id=request_id,
    )


def keep(value: Any, *, nullable: bool = False) -> Any:
    """An input's value for a command: what is absent is to be kept as it is.

    Lists become tuples. Null stands for itself where the field is `nullable`; elsewhere there is
    nothing that it could mean, so it is taken as absent.
    """
    if value is UNSET or (value is None and not nullable):
        return KEEP
    return tuple(value) if isinstance(value, list) else value


def keep_each(values: Any) -> Any:
    """The same for a list of inputs, each of which has a `value` for the command."""
    if values is UNSET or values is None:
        return KEEP
    return tuple(each.value() for each in values)


# Arguments beside `input`, where refusals may point at.
_ARGUMENTS = frozenset({"id", "meta"})


def path_of(refusal: DomainError) -> list[str] | None:
    """Where the argument at fault stands, in the words of the schema. None: nowhere."""
    if not refusal.path:
        return None
    names = [to_camel_case(part) if isinstance(part, str) else str(part) for part in refusal.path]
    return names if names[0] in _ARGUMENTS else ["input", *names]
