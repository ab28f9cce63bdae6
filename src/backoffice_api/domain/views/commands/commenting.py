"""What is done with comments: written, changed, removed, and mentions of oneself marked as read."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, update

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.media.commands.attaching import attach_files, replace_files
from backoffice_api.domain.views import queries
from backoffice_api.domain.views.commands.saving import check_colleagues
from backoffice_api.domain.views.model.comments import (
    ATTACHMENTS_MAX,
    BODY_LENGTH_MAX,
    MARKED_MAX,
    MENTIONS_MAX,
    Comment,
    CommentAdded,
    CommentEdited,
    CommentIsRemoved,
    CommentRemoved,
    Mention,
    NotYourComment,
    UnknownSubject,
)
from backoffice_api.domain.views.ports import Subjects
from backoffice_api.domain.views.tables import comment_mentions, comments


@dataclass(frozen=True, slots=True, kw_only=True)
class AddComment(Command):
    """`subject_id`: the public id of whatever has a timeline. `staff_ids`: who is mentioned.

    `attachment_ids`: files that were uploaded before.
    """

    scope = Scope.COMMENTS_WRITE
    subject_id: str
    body: str
    staff_ids: tuple[UUID, ...] = ()
    attachment_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EditComment(Command):
    scope = Scope.COMMENTS_WRITE
    table = comments
    id: UUID
    body: str | Keep = KEEP
    staff_ids: tuple[UUID, ...] | Keep = KEEP
    attachment_ids: tuple[UUID, ...] | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveComment(Command):
    scope = Scope.COMMENTS_WRITE
    table = comments
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkMentions(Command):
    """`comment_ids` None: all in which the caller is mentioned."""

    scope = Scope.COMMENTS_READ
    comment_ids: tuple[UUID, ...] | None = None


def adding(subjects: Subjects) -> Callable[[UnitOfWork, AddComment], UUID]:
    """What comments on these subjects."""

    def add_comment(uow: UnitOfWork, command: AddComment) -> UUID:
        """Leave a comment in a timeline, and tell the colleagues who are mentioned. Its id.

        Raises:
            UnknownSubject: there is no such thing that the caller may see.
            UnknownMediaFile: there is no such file.
            InvalidText, ForbiddenCharacter, TooMany, UnknownColleague.
        """
        faults = Faults()
        _check(uow, faults, command.body, command.staff_ids, command.attachment_ids)
        parts = ids.split(command.subject_id)
        version = parts and subjects.version(uow.db, *parts, uow.caller)
        if parts is None or version is None:
            faults.add(UnknownSubject(command.subject_id).at("subject_id"))
            faults.check()
            raise UnknownSubject(command.subject_id)
        faults.check()
        actor = uow.caller.actor
        made = Comment(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            subject_kind=parts[0],
            subject_id=parts[1],
            author_kind=actor.kind,
            author_id=actor.id,
            body=command.body,
            edited_at=None,
            removed_at=None,
        )
        add(uow, comments, [made])
        files = tuple(dict.fromkeys(command.attachment_ids))
        attach_files(uow, {made.id: files} if files else {}, "attachment_ids")
        staff_ids = _mention(uow, made, command.staff_ids)
        uow.emit(CommentAdded(made.subject_id, version, made.subject_kind, made.id, staff_ids))
        return made.id

    return add_comment


def editing(subjects: Subjects) -> Callable[[UnitOfWork, EditComment], UUID]:
    """What changes comments on these subjects."""

    def edit_comment(uow: UnitOfWork, command: EditComment) -> UUID:
        """Change a comment of one's own. Who is mentioned for the first time is told. Its id.

        Raises:
            UnknownComment, NotYourComment, CommentIsRemoved, UnknownMediaFile.
            InvalidText, ForbiddenCharacter, TooMany, UnknownColleague.
        """
        before = _own(uow, subjects, command.id)
        faults = Faults()
        staff_ids = () if command.staff_ids is KEEP else command.staff_ids
        body = patched(command.body, before.body)
        files = command.attachment_ids
        _check(uow, faults, body, staff_ids, () if files is KEEP else files)
        faults.check()
        after = save(uow, comments, before, replace(before, body=body, edited_at=uow.now))
        if files is not KEEP:
            replace_files(uow, after.id, files, "attachment_ids")
        told: tuple[UUID, ...] = ()
        if command.staff_ids is not KEEP:
            told = _mention_anew(uow, after, staff_ids)
        version = subjects.version(uow.db, after.subject_kind, after.subject_id, uow.caller)
        uow.emit(CommentEdited(after.subject_id, version or 0, after.subject_kind, after.id, told))
        return after.id

    return edit_comment


def removing(subjects: Subjects) -> Callable[[UnitOfWork, RemoveComment], UUID]:
    """What removes comments on these subjects."""

    def remove_comment(uow: UnitOfWork, command: RemoveComment) -> UUID:
        """Forget what a comment of one's own says, whom it mentions and what it shows. Its id.

        Who may change accounts may remove those of others, too.

        Raises:
            UnknownComment, NotYourComment, CommentIsRemoved.
        """
        before = _own(uow, subjects, command.id, admin=uow.caller.may(Scope.ACCESS_WRITE))
        after = save(uow, comments, before, replace(before, body=None, removed_at=uow.now))
        mention = comment_mentions.c
        uow.db.execute(delete(comment_mentions).where(mention.comment_id == after.id))
        replace_files(uow, after.id, ())
        version = subjects.version(uow.db, after.subject_kind, after.subject_id, uow.caller)
        uow.emit(CommentRemoved(after.subject_id, version or 0, after.subject_kind, after.id))
        return after.id

    return remove_comment


def mark_mentions(uow: UnitOfWork, command: MarkMentions) -> tuple[UUID, ...]:
    """Note that the caller has read where he is mentioned. Ids of those comments.

    It is nobody else's business, and so not told. Programs are never mentioned.

    Raises:
        TooMany.
    """
    faults = Faults()
    check_size(command.comment_ids, faults, "comment_ids", maximum=MARKED_MAX)
    faults.check()
    mention = comment_mentions.c
    statement = (
        update(comment_mentions)
        .where(mention.staff_id == uow.caller.staff_id, mention.read_at.is_(None))
        .values(read_at=uow.now)
        .returning(mention.comment_id)
    )
    if command.comment_ids is not None:
        statement = statement.where(mention.comment_id.in_(command.comment_ids))
    return tuple(sorted(uow.db.execute(statement).scalars()))


def _own(uow: UnitOfWork, subjects: Subjects, id: UUID, *, admin: bool = False) -> Comment:
    found = queries.seen_comment(uow.db, id, subjects.kinds(uow.caller))
    actor = uow.caller.actor
    if not admin and (found.author_kind, found.author_id) != (actor.kind, actor.id):
        raise NotYourComment
    if found.removed_at is not None:
        raise CommentIsRemoved
    return found


def _check(
    uow: UnitOfWork,
    faults: Faults,
    body: str | None,
    staff_ids: tuple[UUID, ...],
    attachment_ids: tuple[UUID, ...],
) -> None:
    check_text(body, faults, "body", maximum=BODY_LENGTH_MAX)
    check_size(attachment_ids, faults, "attachment_ids", maximum=ATTACHMENTS_MAX)
    check_size(staff_ids, faults, "staff_ids", maximum=MENTIONS_MAX)
    if len(staff_ids) <= MENTIONS_MAX:
        check_colleagues(uow, faults, staff_ids, "staff_ids")


def _mention(uow: UnitOfWork, comment: Comment, staff_ids: tuple[UUID, ...]) -> tuple[UUID, ...]:
    told = tuple(dict.fromkeys(staff_ids))
    add(
        uow,
        comment_mentions,
        [Mention(uow.new_id(), comment.id, each, uow.now, None) for each in told],
    )
    return told


def _mention_anew(
    uow: UnitOfWork, comment: Comment, staff_ids: tuple[UUID, ...]
) -> tuple[UUID, ...]:
    """Who is mentioned that was not before. Who is not any more is forgotten."""
    found = queries.mentions_by_comments(uow.db, [comment.id]).get(comment.id, ())
    known = {each.staff_id for each in found}
    gone = [each.id for each in found if each.staff_id not in staff_ids]
    if gone:
        uow.db.execute(delete(comment_mentions).where(comment_mentions.c.id.in_(gone)))
    return _mention(uow, comment, tuple(each for each in staff_ids if each not in known))
