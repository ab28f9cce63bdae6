"""How a mutation is made: from its command, its handler and its payload.

What a resolver writes is the translation from input to command. The rest is the same for all:
`meta`, the right, the price, the run.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, get_type_hints

import strawberry

from backoffice_api.context import Info, Outcome
from backoffice_api.domain.kernel.uow import Command
from backoffice_api.schema.directives import about
from backoffice_api.schema.payloads import MutationMeta, meta_of

DECLARED = "declared"
WEIGHT = 10

_TEXTS = {
    "id": "Which record.",
    "input": "What is to be done.",
}
_META = Annotated[MutationMeta | None, strawberry.argument(description="How it is to be run.")]


@dataclass(frozen=True, slots=True)
class Declared:
    """What a mutation does: `translate` makes a command of its arguments, for `handler`."""

    handler: Callable[..., Any]
    command: type[Command]
    translate: Callable[..., Command]


def mutation(
    handler: Callable[..., Any],
    payload: type[Any],
    *,
    deprecated: str | None = None,
    apart: bool = False,
) -> Callable[..., Any]:
    """Make a translation a mutation.

    The decorated function takes the arguments of the mutation and returns the command for
    `handler`. Its docstring becomes the description; the scope is that of the command.
    `deprecated`: what to use instead, since when, and until when this one stays. `apart`: the
    translation reads a file, which is done in a thread.
    """

    def decorate(translate: Callable[..., Any]) -> Any:
        hints = get_type_hints(translate, include_extras=True)
        command = hints.pop("return")
        given = inspect.signature(translate).parameters

        async def resolve(info: Info, meta: MutationMeta | None = None, **given: Any) -> Outcome:
            return await info.context.run(
                handler, lambda: translate(**given), meta_of(meta, info), apart=apart
            )

        parameters = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                annotation=Annotated[hint, strawberry.argument(description=_TEXTS[name])],
                default=given[name].default,
            )
            for name, hint in hints.items()
        ]
        info = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info)
        meta = inspect.Parameter(
            "meta", inspect.Parameter.KEYWORD_ONLY, annotation=_META, default=None
        )
        signature = inspect.Signature([info, *parameters, meta])
        resolve.__signature__ = signature  # type: ignore[attr-defined]
        resolve.__annotations__ = {
            each.name: each.annotation for each in signature.parameters.values()
        }
        resolve.__name__ = translate.__name__
        return about(
            inspect.getdoc(translate) or "",
            resolver=resolve,
            graphql_type=payload,
            metadata={DECLARED: Declared(handler, command, translate)},
            scope=command.scope,
            weight=WEIGHT,
            deprecation_reason=deprecated,
        )

    return decorate


def translated(owner: type[Any], name: str, **given: Any) -> Command:
    """The command that the mutation `name` of a class of mutations makes of its arguments.

    For mutations that do several things, which mean by the same input the same command.
    """
    fields = owner.__strawberry_definition__.fields
    declared = next(each for each in fields if each.python_name == name).metadata[DECLARED]
    command: Command = declared.translate(**given)
    return command
