"""Comments and mentions on the wire, and where a timeline shows them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from backoffice_api.context import Context, Info, Outcome
from backoffice_api.domain.identity.queries import staff as identity
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.events import Logged
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Caller
from backoffice_api.domain.media.queries import files_by_subjects
from backoffice_api.domain.views import queries
from backoffice_api.domain.views.model import comments as model
from backoffice_api.domain.views.model.comments import CommentSortKey, MentionSortKey, Seen
from backoffice_api.engine.plan import Choice
from backoffice_api.schema.aggregates import Actor, Event, actor_of
from backoffice_api.schema.directives import about, described
from backoffice_api.schema.enums import choice
from backoffice_api.schema.filters import filter_input
from backoffice_api.schema.identity import Staff
from backoffice_api.schema.links import attach, many, one
from backoffice_api.schema.lookups import CHOSEN, Choices
from backoffice_api.schema.media import MediaFile
from backoffice_api.schema.nodes import Node, Versioned, linked_node, node
from backoffice_api.schema.payloads import MutationPayload, payload
from backoffice_api.schema.roots import ROOTS

READ = Scope.COMMENTS_READ

for _choices in (CommentSortKey, MentionSortKey):
    choice(_choices)


def comment_key(caller: Caller, id: UUID) -> Seen:
    """What `queries.seen_comments` is asked for."""
    return Seen(id, ROOTS.kinds(caller))


def _choose(context: Context, id: UUID | None) -> Choice | None:
    return None if id is None else Choice("comment", comment_key(context.caller, id))


def _ways() -> Mapping[str, tuple[str, Any]]:
    return {"comment": ("Comment", queries.seen_comments)}


def _subject_id(comment: model.Comment) -> str:
    return ids.text(comment.subject_kind, comment.subject_id)


def _author(parent: strawberry.Parent[model.Comment]) -> Actor:
    return actor_of(parent.author_kind, parent.author_id)


def _staff_id(parent: strawberry.Parent[model.Mention]) -> strawberry.ID:
    return strawberry.ID(ids.text("stf", parent.staff_id))


@described
class CommentMention:
    """A member of staff who is named in a comment."""

    staff_id: strawberry.ID = about("Its id.", resolver=_staff_id)
    staff: Staff | None = one(identity.staff_by_ids, "staff_id", "The account.")
    read_at: datetime | None = about("When it was read. Null: it was not.")


@node("cmt", model.Comment, queries.seen_comments, scope=READ, key=comment_key)
class Comment(Node, Versioned):
    """What somebody wrote about something. Who may not see the thing does not see the comment."""

    subject: Node | None = linked_node(_subject_id, "What it is about.")
    author: Actor = about("Who wrote it.", resolver=_author)
    body: str | None = about("The text. Null: it was removed.", personal="content")
    edited_at: datetime | None = about("When it was last changed. Null: never.")
    removed_at: datetime | None = about("When it was removed. Null: it was not.")
    mentions: list[CommentMention] = many(
        queries.mentions_by_comments, "id", "Who is mentioned in it, at most 50."
    )
    attachments: list[MediaFile] = many(
        files_by_subjects, "id", "The files that it shows, at most 20, in their order."
    )


def _comment_of(mention: model.Mention) -> UUID:
    return mention.comment_id


async def _comment(parent: strawberry.Parent[model.Mention], info: Info) -> Comment | None:
    key = comment_key(info.context.caller, parent.comment_id)
    found: Comment | None = await info.context.load(queries.seen_comments, key)
    return found


@described
class Mention:
    """A comment in which you are mentioned."""

    created_at: datetime = about("When you were mentioned.")
    read_at: datetime | None = about("When you marked it as read. Null: you did not.")
    comment: Comment | None = about(
        "The comment. Null if you may not see what it is about.",
        resolver=_comment,
        metadata={CHOSEN: Choices(_ways, _choose, of=_comment_of)},
    )


@filter_input
class MentionFilter:
    """Which mentions. All words that are given must hold."""

    is_read: bool | None = about("Whether you have marked it as read.", default=UNSET)


@strawberry.input(description="A comment to be left in a timeline.")
class CommentAddInput:
    subject_id: strawberry.ID = about("What it is about: the id of anything with a `timeline`.")
    body: str = about("The text, at most 5,000 characters.")
    mentions: list[strawberry.ID] = about(
        "Ids of members of staff who are to see it, at most 50.", default_factory=list
    )
    attachment_ids: list[strawberry.ID] = about(
        "Uploaded files that it shows, at most 20: see `mediaUploadCreate`.", default_factory=list
    )


@strawberry.input(description="What is to change of a comment. What is absent stays.")
class CommentEditInput:
    body: str | None = about("The text.", default=UNSET)
    mentions: list[strawberry.ID] | None = about(
        "Who is to see it; takes the place of all before.", default=UNSET
    )
    attachment_ids: list[strawberry.ID] | None = about(
        "The files that it shows; take the place of all before.", default=UNSET
    )


@strawberry.input(description="Which mentions of you are marked as read.")
class MentionsMarkReadInput:
    comment_ids: list[strawberry.ID] | None = about(
        "Those in these comments, at most 250. Null: all.", default=None
    )


@payload
class CommentPayload(MutationPayload):
    """What a mutation of a comment answers."""

    comment: Comment | None = one(
        queries.comments_by_ids, "value", "The comment as it is now. Null if it was refused."
    )


def _marked(parent: strawberry.Parent[Outcome]) -> int | None:
    return None if parent.value is None else len(parent.value)


@payload
class MentionsPayload(MutationPayload):
    """What marking mentions answers."""

    marked: int | None = about("How many were marked. Null if it was refused.", resolver=_marked)


def _comment_told(event: Logged) -> UUID | None:
    told = event.data.get("comment_id") if event.type.startswith("comment.") else None
    return UUID(told) if told else None


async def _comment_of_event(parent: strawberry.Parent[Logged], info: Info) -> Comment | None:
    chosen = _choose(info.context, _comment_told(parent))
    if chosen is None:
        return None
    found: Comment | None = await info.context.load(queries.seen_comments, chosen.key)
    return found


attach(
    Event,
    "comment",
    Comment | None,
    about(
        "The comment that the event tells of, as it is now. Null: it tells of none, or you may not "
        "see what it is about.",
        resolver=_comment_of_event,
        metadata={CHOSEN: Choices(_ways, _choose, of=_comment_told)},
    ),
)
