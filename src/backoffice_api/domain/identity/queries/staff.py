"""What can be asked about staff, sessions and API tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from backoffice_api.domain.identity.model.factors import NO_DEMAND, Demand
from backoffice_api.domain.identity.model.grants import Rights, rights_of
from backoffice_api.domain.identity.model.staff import (
    SESSION_IDLE,
    Account,
    ApiToken,
    ApiTokenSortKey,
    Bearer,
    Session,
    SessionSortKey,
    Staff,
    StaffSortKey,
    StaffStatus,
    UnknownStaff,
    UnknownToken,
    caller_of,
    kind_of,
    secret_hash,
)
from backoffice_api.domain.identity.queries.roles import (
    given_in,
    rights_of_staff,
    rights_of_tokens,
    with_grants,
)
from backoffice_api.domain.identity.tables import api_tokens, passwords, sessions, staff
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.filters import On, OnKey, Present
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, one_per, select_as
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller

staff_by_ids = one_per(Staff, staff, staff.c.id)
staff_by_email_keys = one_per(Staff, staff, staff.c.email_key)
tokens_by_ids = one_per(ApiToken, api_tokens, api_tokens.c.id)
sessions_by_ids = one_per(Session, sessions, sessions.c.id)
sessions_by_hashes = one_per(Session, sessions, sessions.c.secret_hash)

staff_list = Listing(
    Staff,
    staff,
    sorts={StaffSortKey.CREATED_AT: staff.c.created_at, StaffSortKey.NAME: staff.c.name},
    words={
        "status": On(staff.c.status),
        "name": On(staff.c.name),
        "email": OnKey(staff.c.email_key, email_key),
        "created_at": On(staff.c.created_at),
    },
)

token_list = Listing(
    ApiToken,
    api_tokens,
    sorts={
        ApiTokenSortKey.CREATED_AT: api_tokens.c.created_at,
        ApiTokenSortKey.NAME: api_tokens.c.name,
    },
    words={
        "name": On(api_tokens.c.name),
        "revoked": Present(api_tokens.c.revoked_at),
        "created_at": On(api_tokens.c.created_at),
    },
)

session_list = Listing(Session, sessions, sorts={SessionSortKey.CREATED_AT: sessions.c.created_at})


def authenticate(
    db: Connection, secret: Secret, now: datetime, demand: Demand = NO_DEMAND
) -> Bearer | None:
    """Who bears this secret at `now`, found with one statement.

    Staff of whom a second factor is demanded, and who did not give it in this session, hold no
    rights in it: they can set it up, and sign out. Some rights take one that was given of late.

    None: nobody does, or it has expired, was revoked or ended, or its owner was disabled.
    """
    match kind_of(secret):
        case ActorKind.TOKEN:
            return _token_bearer(db, secret_hash(secret), now)
        case ActorKind.STAFF:
            return _session_bearer(db, secret_hash(secret), now, demand)
        case _:
            return None


def present_caller(db: Connection, kind: ActorKind, id: UUID, now: datetime) -> Caller | None:
    """An actor with the rights that it has at `now`, for work that it asked for before.

    None: it is disabled, revoked or expired.
    """
    match kind:
        case ActorKind.TOKEN:
            token = tokens_by_ids(db, [id]).get(id)
            if token is None or token.revoked_at or (token.expires_at and token.expires_at <= now):
                return None
            return _caller(kind, id, token.name, rights_of_tokens(db, {id: token.scopes})[id])
        case ActorKind.STAFF:
            member = staff_by_ids(db, [id]).get(id)
            if member is None or member.status is not StaffStatus.ACTIVE:
                return None
            return _caller(kind, id, member.name, rights_of_staff(db, {id: member.scopes})[id])
        case _:
            return None


def staff_member(db: Connection, id: UUID, *, lock: bool = False) -> Staff:
    """The member of staff `id`. `lock`: nobody else changes it until the end of the transaction.

    Raises:
        UnknownStaff: there is none.
    """
    statement = select_as(Staff, staff).where(staff.c.id == id)
    for found in fetch(db, Staff, statement.with_for_update() if lock else statement):
        return found
    raise UnknownStaff(id).at("id")


def token(db: Connection, id: UUID, *, lock: bool = False) -> ApiToken:
    """The API token `id`. `lock`: nobody else changes it until the end of the transaction.

    Raises:
        UnknownToken: there is none.
    """
    statement = select_as(ApiToken, api_tokens).where(api_tokens.c.id == id)
    for found in fetch(db, ApiToken, statement.with_for_update() if lock else statement):
        return found
    raise UnknownToken(id).at("id")


def active_account(db: Connection, key: str) -> Account | None:
    """What may be signed in to with the address of this key. None: nothing.

    It is one statement either way, so that the time tells nobody who works here.
    """
    row = db.execute(
        select(staff.c.id, staff.c.name, staff.c.scopes, passwords.c.hash)
        .join_from(staff, passwords)
        .where(staff.c.email_key == key, staff.c.status == StaffStatus.ACTIVE)
    ).one_or_none()
    if row is None:
        return None
    return Account(row.id, caller_of(ActorKind.STAFF, row.id, row.name, row.scopes), row.hash)


def password_hash(db: Connection, staff_id: UUID) -> str | None:
    """What is kept of the password of a member of staff."""
    return db.execute(select(passwords.c.hash).where(passwords.c.staff_id == staff_id)).scalar()


def locked_session(db: Connection, id: UUID) -> Session | None:
    """The session `id`, which nobody else changes until the end of the transaction."""
    statement = select_as(Session, sessions).where(sessions.c.id == id).with_for_update()
    return next(iter(fetch(db, Session, statement)), None)


def open_sessions(
    db: Connection, staff_id: UUID, now: datetime, *, lock: bool = False
) -> Sequence[Session]:
    """The sessions of one member of staff that can be used at `now`, oldest first."""
    statement = (
        select_as(Session, sessions)
        .where(sessions.c.staff_id == staff_id, *_is_open(now))
        .order_by(sessions.c.created_at, sessions.c.id)
    )
    return fetch(db, Session, statement.with_for_update() if lock else statement)


def open_sessions_by_staff(
    db: Connection, staff_ids: Sequence[UUID], now: datetime
) -> Mapping[UUID, Sequence[Session]]:
    """The same of several members of staff, those who have any."""
    statement = (
        select_as(Session, sessions)
        .where(sessions.c.staff_id.in_(staff_ids), *_is_open(now))
        .order_by(sessions.c.created_at, sessions.c.id)
    )
    found: dict[UUID, list[Session]] = {}
    for each in fetch(db, Session, statement):
        found.setdefault(each.staff_id, []).append(each)
    return found


def _token_bearer(db: Connection, hash: str, now: datetime) -> Bearer | None:
    statement = (
        select(
            api_tokens.c.id,
            api_tokens.c.name,
            api_tokens.c.scopes,
            api_tokens.c.last_used_at,
            api_tokens.c.budget,
        )
        .select_from(api_tokens)
        .where(
            api_tokens.c.secret_hash == hash,
            api_tokens.c.revoked_at.is_(None),
            or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > now),
        )
    )
    rows = db.execute(with_grants(statement, api_tokens.c.id, staff=False)).all()
    bearer = _bearer(ActorKind.TOKEN, rows)
    return replace(bearer, budget=rows[0].budget) if bearer else None


def _session_bearer(db: Connection, hash: str, now: datetime, demand: Demand) -> Bearer | None:
    statement = (
        select(
            staff.c.id,
            staff.c.name,
            staff.c.scopes,
            sessions.c.last_used_at,
            sessions.c.id.label("session_id"),
            sessions.c.verified_at,
        )
        .join_from(sessions, staff)
        .where(
            sessions.c.secret_hash == hash,
            staff.c.status == StaffStatus.ACTIVE,
            *_is_open(now),
        )
    )
    rows = db.execute(with_grants(statement, staff.c.id, staff=True)).all()
    bearer = _bearer(ActorKind.STAFF, rows)
    if bearer is None:
        return None
    caller = bearer.caller
    actor = replace(caller.actor, session_id=rows[0].session_id)
    left = demand.left(caller.scopes, rows[0].verified_at, now)
    return Bearer(replace(caller, actor=actor, scopes=left), bearer.last_used_at)


def _bearer(kind: ActorKind, rows: Sequence[Row[Any]]) -> Bearer | None:
    """Who is in the rows, one for each grant."""
    if not rows:
        return None
    first = rows[0]
    rights = rights_of(first.scopes, given_in(rows))
    return Bearer(_caller(kind, first.id, first.name, rights), first.last_used_at)


def _caller(kind: ActorKind, id: UUID, name: str, rights: Rights) -> Caller:
    return Caller(Actor(kind, id, name), rights.scopes, rights.reach)


def _is_open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > now,
        sessions.c.last_used_at > now - SESSION_IDLE,
    )
