"""What can be asked and done with comments and mentions."""

from collections.abc import Mapping
from inspect import Parameter
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy import Connection as Database

from backoffice_api.context import Context
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.pages import Page
from backoffice_api.domain.kernel.patch import KEEP, Keep
from backoffice_api.domain.views import queries
from backoffice_api.domain.views.commands import commenting
from backoffice_api.domain.views.tables import comment_mentions, comments
from backoffice_api.schema.comments import (
    READ,
    Comment,
    CommentAddInput,
    CommentEditInput,
    CommentPayload,
    Mention,
    MentionFilter,
    MentionsMarkReadInput,
    MentionsPayload,
)
from backoffice_api.schema.connections import (
    Connection,
    asked,
    list_parameters,
    list_request,
    paged,
    parameter,
)
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.nodes import choose_node
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.roots import ROOTS

_Subject = Annotated[
    strawberry.ID, strawberry.argument(description="Id of anything with a `timeline`.")
]
_NOTHING: Page[Any] = Page([], [], has_previous=False, has_next=False)


def pages_of(
    db: Database,
    context: Context,
    arguments: Mapping[str, Any],
    of: tuple[Listing[Any], Any],
    owner: Any,
) -> Any:
    """A page of the rows of an owner, by the listing and the column of `of`. None: no rows."""
    listing, column = of
    request = list_request(context, listing, arguments)
    if owner is None:
        return paged(_NOTHING, context)
    return paged(listing.pages_by(db, column, [owner], request)[owner], context)


def _comments(db: Database, context: Context, arguments: Mapping[str, Any]) -> Any:
    subject, parts = choose_node(context, arguments["subject"]), ids.split(arguments["subject"])
    owner = parts[1] if subject is not None and parts is not None else None
    return pages_of(db, context, arguments, (queries.comment_list, comments.c.subject_id), owner)


def _mentions(db: Database, context: Context, arguments: Mapping[str, Any]) -> Any:
    of = (queries.mention_list, comment_mentions.c.staff_id)
    return pages_of(db, context, arguments, of, context.caller.staff_id)


def _kept(prefix: str, given: list[strawberry.ID] | None) -> tuple[UUID, ...] | Keep:
    """Absent and null: they stay as they are."""
    values = keep(given)
    return KEEP if values is KEEP else tuple(ids.parse(prefix, each) for each in values)


@strawberry.type
class CommentQuery:
    comments: Connection[Comment] = asked(
        _comments,
        [
            parameter("subject", _Subject, Parameter.empty),
            *list_parameters(queries.comment_list, None, None),
        ],
        "Comments on something, newest first. None if there is no such thing, or if you may not "
        "see it.",
        scope=READ,
        weight=1,
        multipliers=["first", "last"],
    )
    mentions: Connection[Mention] = asked(
        _mentions,
        list_parameters(queries.mention_list, MentionFilter, None),
        "Where you are mentioned, newest first. Programs never are.",
        scope=READ,
        weight=1,
        multipliers=["first", "last"],
    )


@strawberry.type
class CommentMutation:
    @mutation(commenting.adding(ROOTS), CommentPayload)
    def comment_add(input: CommentAddInput) -> commenting.AddComment:
        """Leave a comment in the timeline of anything that has one, and tell colleagues of it."""
        return commenting.AddComment(
            subject_id=input.subject_id,
            body=input.body,
            staff_ids=tuple(ids.parse("stf", each) for each in input.mentions),
            attachment_ids=tuple(ids.parse("mfl", each) for each in input.attachment_ids),
        )

    @mutation(commenting.editing(ROOTS), CommentPayload)
    def comment_edit(id: strawberry.ID, input: CommentEditInput) -> commenting.EditComment:
        """Change a comment of yours. What is absent stays."""
        return commenting.EditComment(
            id=ids.parse("cmt", id),
            body=keep(input.body),
            staff_ids=_kept("stf", input.mentions),
            attachment_ids=_kept("mfl", input.attachment_ids),
        )

    @mutation(commenting.removing(ROOTS), CommentPayload)
    def comment_remove(id: strawberry.ID) -> commenting.RemoveComment:
        """Forget what a comment of yours says. With `access:write`: also those of others."""
        return commenting.RemoveComment(id=ids.parse("cmt", id))

    @mutation(commenting.mark_mentions, MentionsPayload)
    def mentions_mark_read(input: MentionsMarkReadInput) -> commenting.MarkMentions:
        """Mark mentions of you as read."""
        wanted = input.comment_ids
        return commenting.MarkMentions(
            comment_ids=None if wanted is None else tuple(ids.parse("cmt", each) for each in wanted)
        )
