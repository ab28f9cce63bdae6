"""The brake on guessing passwords: so many wrong tries per account and per network address.

A try is counted before the password is looked at, and taken back when it was right. So those who
try all at once get no further than those who try one after the other, and a braked account looks
the same whether it exists or not.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from backoffice_api.domain.identity.model.staff import Account, TooManyTries
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.tables import (
    login_challenges,
    login_tries,
    provider_logins,
    sessions,
    shared_budgets,
)
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.uow import Command, UnitOfWork

WINDOW = timedelta(minutes=15)
PER_ACCOUNT_MAX = 10
PER_ADDRESS_MAX = 30
# A whole office may set out from one address.
OUTSETS_MAX = 100

# How long a session that has run out can still be looked up.
SESSIONS_KEPT = timedelta(days=90)
# How long a bucket lies that nobody takes of: long after it is full again.
BUDGETS_KEPT = timedelta(days=1)
FORGOTTEN_AT_ONCE = 10_000

# One subscriber has at least so much of IPv6 (RFC 6177).
_IPV6_PREFIX = 64

# Name of the job that runs `forget_old`.
FORGET_JOB = "identity.forget"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTry(Command):
    """To be run as the system. `address` is that of the network, None if not known."""

    scope = Scope.ACCESS_WRITE
    email: str
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetOld(Command):
    """What the worker does every now and then."""

    scope = Scope.ACCESS_WRITE


@dataclass(frozen=True, slots=True)
class Try:
    """One try that was counted, by the keys of its two counters; `at_s` in seconds since 1970."""

    account: str
    address: str
    at_s: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A try that was counted, and what it would open. None: nothing, whatever the password."""

    tried: Try
    account: Account | None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows were dropped."""

    sessions: int
    tries: int
    challenges: int
    logins: int
    budgets: int


def claim_try(uow: UnitOfWork, command: ClaimTry) -> Candidate:
    """Count one try to sign in, and say what the password is to be compared with.

    Raises:
        TooManyTries: there were too many; this one is not counted.
    """
    key = email_key(command.email)
    account = f"account:{sha256(key.encode()).hexdigest()}"
    return _candidate(uow, count_try(uow, account, PER_ACCOUNT_MAX, command.address), key)


def count_try(uow: UnitOfWork, account: str, account_max: int, address: str | None) -> Try:
    """Count one try, for what `account` names and for the address of the network.

    Raises:
        TooManyTries: there were too many; this one is not counted.
    """
    tried = Try(account, f"address:{_network(address)}", int(uow.now.timestamp()))
    _count(uow, {tried.account: account_max, tried.address: PER_ADDRESS_MAX})
    return tried


def count_outset(uow: UnitOfWork, address: str | None) -> None:
    """Count one who sets out to an identity provider. That is never taken back.

    Raises:
        TooManyTries: there were too many from the address.
    """
    _count(uow, {f"outset:{_network(address)}": OUTSETS_MAX})


def forgive(uow: UnitOfWork, tried: Try) -> None:
    """The password was right: the account starts anew, and the address has this try back."""
    recent = _recent(uow, (tried.account, tried.address))
    of_address = list(recent[tried.address])
    if tried.at_s in of_address:
        of_address.remove(tried.at_s)
    _keep(uow, {tried.account: [], tried.address: of_address})


def forget_old(uow: UnitOfWork, command: ForgetOld) -> Forgotten:
    """Drop what is over, not all at once: tries, sign-ins never ended, sessions, full buckets."""
    old_tries = (
        select(login_tries.c.key)
        .where(login_tries.c.updated_at < uow.now - WINDOW)
        .limit(FORGOTTEN_AT_ONCE)
    )
    old_sessions = (
        select(sessions.c.id)
        .where(sessions.c.expires_at < uow.now - SESSIONS_KEPT)
        .limit(FORGOTTEN_AT_ONCE)
    )
    over = [
        select(table.c.id).where(table.c.expires_at < uow.now).limit(FORGOTTEN_AT_ONCE)
        for table in (login_challenges, provider_logins)
    ]
    # A bucket is full long before: a new one would be the same.
    old_budgets = (
        select(shared_budgets.c.owner_id)
        .where(shared_budgets.c.filled_at < uow.now - BUDGETS_KEPT)
        .limit(FORGOTTEN_AT_ONCE)
    )
    gone = [
        uow.db.execute(delete(table).where(column.in_(old))).rowcount
        for table, column, old in (
            (sessions, sessions.c.id, old_sessions),
            (login_tries, login_tries.c.key, old_tries),
            (login_challenges, login_challenges.c.id, over[0]),
            (provider_logins, provider_logins.c.id, over[1]),
            (shared_budgets, shared_budgets.c.owner_id, old_budgets),
        )
    ]
    return Forgotten(*gone)


def _count(uow: UnitOfWork, limits: Mapping[str, int]) -> None:
    recent = _recent(uow, limits)
    start_s = uow.now.timestamp() - WINDOW.total_seconds()
    waits_s = [
        math.ceil(recent[each][0] - start_s)
        for each, maximum in limits.items()
        if len(recent[each]) >= maximum
    ]
    if waits_s:
        raise TooManyTries(max(waits_s))
    at_s = int(uow.now.timestamp())
    _keep(uow, {each: [*of_key, at_s] for each, of_key in recent.items()})


def _recent(uow: UnitOfWork, keys: Sequence[str] | Mapping[str, int]) -> Mapping[str, list[int]]:
    """When each key was tried within the window, oldest first; nobody else counts meanwhile.

    One statement makes the rows that are missing, locks all in one order, and reads them.
    """
    insert = postgresql.insert if uow.db.dialect.name == "postgresql" else sqlite.insert
    rows = [{"key": key, "tried_at": [], "updated_at": uow.now} for key in sorted(keys)]
    statement = insert(login_tries).values(rows)
    locked = statement.on_conflict_do_update(
        index_elements=[login_tries.c.key], set_={"updated_at": statement.excluded.updated_at}
    ).returning(login_tries.c.key, login_tries.c.tried_at)
    start_s = uow.now.timestamp() - WINDOW.total_seconds()
    return {
        key: [at_s for at_s in tried_at if at_s > start_s]
        for key, tried_at in uow.db.execute(locked)
    }


def _keep(uow: UnitOfWork, tries: Mapping[str, list[int]]) -> None:
    statement = (
        update(login_tries)
        .where(login_tries.c.key == bindparam("of_key"))
        .values(tried_at=bindparam("tries"))
    )
    rows = [{"of_key": key, "tries": of_key} for key, of_key in sorted(tries.items())]
    uow.db.execute(statement, rows)


def _candidate(uow: UnitOfWork, tried: Try, key: str) -> Candidate:
    # What no address can hold is not asked for: PostgreSQL takes no U+0000.
    known = key.isascii() and key.isprintable()
    return Candidate(tried, queries.active_account(uow.db, key) if known else None)


def _network(address: str | None) -> str:
    """Whose address it is: of IPv6, the whole network of one subscriber."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed.packed, _IPV6_PREFIX), strict=False))
