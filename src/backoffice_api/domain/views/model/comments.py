"""Comments on whatever has a timeline, and mentions of colleagues in them.

What somebody wrote may be about people, so it is never in the log: the event tells that there is
a comment, and the comment can be removed.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.uow import ActorKind

BODY_LENGTH_MAX = 5_000
MENTIONS_MAX = 50
ATTACHMENTS_MAX = 20
MARKED_MAX = 250


class CommentSortKey(Choice):
    """By what a list of comments is sorted."""

    CREATED_AT = "created_at", "When it was written."


class MentionSortKey(Choice):
    """By what a list of mentions is sorted."""

    CREATED_AT = "created_at", "When you were mentioned."


@dataclass(frozen=True, slots=True)
class Comment:
    """`subject_kind`: prefix of the id of what it is about. `body` None: it was removed."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    subject_kind: str
    subject_id: UUID
    author_kind: ActorKind
    author_id: UUID | None
    body: str | None = field(metadata={"personal": "content"})
    edited_at: datetime | None
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Mention:
    """A member of staff who is named in a comment. `read_at` None: he has not seen it."""

    id: UUID
    comment_id: UUID
    staff_id: UUID
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A comment, and the kinds of things that who asks for it may see."""

    id: UUID
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class _AboutAnything(Event):
    """`id` and `version` are those of what the comment is about, `about` the prefix of its id."""

    id: UUID
    version: int
    about: str
    comment_id: UUID

    @property
    def subject_kind(self) -> str:
        return self.about


@dataclass(frozen=True, slots=True)
class CommentAdded(_AboutAnything):
    type = "comment.added"
    subject = "cmt"
    summary = "A comment was made."
    staff_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class CommentEdited(_AboutAnything):
    type = "comment.edited"
    subject = "cmt"
    summary = "A comment was changed."
    staff_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class CommentRemoved(_AboutAnything):
    type = "comment.removed"
    subject = "cmt"
    summary = "A comment was removed."


@dataclass(eq=False)
class UnknownComment(Missing):
    """There is no comment with this id, or the caller may not see what it is about."""

    id: UUID
    message = "There is no such comment."


@dataclass(eq=False)
class UnknownSubject(Missing):
    """There is nothing with this id that has a timeline, or the caller may not see it."""

    id: str
    message = "There is nothing with this id that could be commented on."


@dataclass(eq=False)
class UnknownColleague(Invalid):
    """There is no such member of staff, or the account is disabled."""

    id: UUID
    message = "There is no such member of staff."


@dataclass(eq=False)
class NotYourComment(Refused):
    """Only who wrote a comment may change it."""

    message = "Only who wrote the comment may change it."


@dataclass(eq=False)
class CommentIsRemoved(Refused):
    """The comment was removed."""

    message = "The comment was removed."
