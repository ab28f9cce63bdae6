"""What a command is given: an open transaction, the hour, the caller, a way to tell the news."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Connection, Table

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import NotAllowed
from backoffice_api.domain.kernel.events import Event, Told, tell
from backoffice_api.domain.kernel.jobs import Job, enqueue
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.reach import EVERYWHERE, Bounds, OutOfReach, Reach
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope


class ActorKind(Choice):
    """Who can do something."""

    STAFF = "staff", "A person who works here, signed in with a password."
    TOKEN = "token", "A program with an API token."
    SYSTEM = "system", "The back office itself: a job, an import, the command line."


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something. `id` is None for the system itself.

    `session_id`: the session in which a member of staff asks; None where they are not there.
    """

    kind: ActorKind
    id: UUID | None = None
    name: str = ""
    session_id: UUID | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """Names the actor in keys and in the log: `token:0190…`, `system`."""
        return f"{self.kind.value}:{self.id.hex}" if self.id else self.kind.value


SYSTEM = Actor(ActorKind.SYSTEM, name="system")


@dataclass(frozen=True, slots=True)
class Caller:
    """An actor with the rights under which it acts now, and how far these reach."""

    actor: Actor
    scopes: frozenset[Scope]
    reach: Reach = EVERYWHERE

    @property
    def staff_id(self) -> UUID | None:
        """The person who acts. None: it is a program, or the back office itself."""
        return self.actor.id if self.actor.kind is ActorKind.STAFF else None

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes

    def require(self, scope: Scope) -> None:
        """Refuse unless the caller holds `scope`.

        Raises:
            NotAllowed: it does not.
        """
        if not self.may(scope):
            raise NotAllowed(scope)


THE_SYSTEM = Caller(SYSTEM, ALL_SCOPES)


@dataclass(frozen=True, slots=True)
class Meta:
    """How a command is to be run; the same for all of them.

    `idempotency_key`: a repeated command with the same key answers what the first one did.
    `expected_version`: refuse if the aggregate named by the command's `id` has another one.
    `dry_run`: do everything, tell what would happen, keep nothing.
    `reason`, `reference`: for the log; the reference is a URI of what caused the command.
    """

    idempotency_key: str | None = None
    expected_version: int | None = None
    dry_run: bool = False
    reason: str | None = None
    reference: str | None = None
    request_id: str = ""


class Command:
    """What is asked for. Subclasses are frozen dataclasses named by a verb: `PlaceOrder`.

    `scope` is what the caller must hold; None: that depends on what the command names, and its
    handler sees to it. `table` is that of the aggregate that the field `id` names, if the command
    changes an existing one: `expected_version` is compared there. `measures`: its handler checks
    every amount that it moves by `UnitOfWork.check_amount`; False: it moves none; None: nobody has
    said, and who has a limit does not run it.
    """

    scope: ClassVar[Scope | None]
    table: ClassVar[Table | None] = None
    measures: ClassVar[bool | None] = None


@dataclass(slots=True)
class UnitOfWork:
    """One transaction. Commands read and write through `db`; `execute` commits or rolls back.

    `bounds`: of a caller with bounds, the grants of a right that hold for all that is named.
    `holding` finds those of a right that the command itself does not take.
    """

    db: Connection
    now: datetime
    caller: Caller
    meta: Meta
    new_id: Callable[[], UUID]
    random_bytes: Callable[[int], bytes] = secrets.token_bytes
    told: list[Told] = field(default_factory=list)
    noted: list[Any] = field(default_factory=list)
    bounds: dict[Scope, tuple[Bounds, ...]] = field(default_factory=dict)
    holding: Callable[[Scope], tuple[Bounds, ...]] | None = None

    def emit(
        self,
        event: Event,
        *,
        before: Any = None,
        after: Any = None,
        changes: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Tell that something happened. `before` and `after` are rows of the same shape.

        Their differences go into the log, field by field. None before: it was created. `changes`:
        what changed beyond the fields of the rows, each made by `events.change`.
        """
        told = tell(event, before, after)
        self.told.append(Told(told.event, (*told.changes, *changes)) if changes else told)

    def note(self, *facts: Any) -> None:
        """Hand facts to what ends the transaction (`AT_THE_END`). They are not logged."""
        self.noted.extend(facts)

    def mark(self) -> tuple[int, int]:
        """How much was told and noted up to now: to be taken before a savepoint."""
        return len(self.told), len(self.noted)

    def forget(self, mark: tuple[int, int]) -> None:
        """Tell and note nothing of what happened since `mark`: its savepoint was rolled back."""
        told, noted = mark
        del self.told[told:], self.noted[noted:]

    def enqueue(self, *jobs: Job) -> Sequence[UUID]:
        """Have something done after the commit, at least once, by a worker."""
        return enqueue(self.db, jobs, now=self.now, new_id=self.new_id)

    def require(self, scope: Scope) -> None:
        """Refuse unless the caller holds `scope`.

        Raises:
            NotAllowed: it does not.
        """
        self.caller.require(scope)

    def require_here(self, scope: Scope) -> None:
        """Refuse unless the caller holds `scope` for all that the command names.

        Raises:
            NotAllowed: not at all.
            OutOfReach: for another part.
        """
        self.require(scope)
        if not self.caller.reach.of(scope):
            return
        if scope not in self.bounds and self.holding is not None:
            self.bounds[scope] = self.holding(scope)
        if not self.bounds.get(scope):
            raise OutOfReach(scope.value)

    def check_amount(self, scope: Scope, amount: Money) -> None:
        """Refuse to move more under `scope` than the caller may move alone.

        Raises:
            AboveLimit: it is more.
        """
        if self.caller.reach.bounded:
            self.caller.reach.check_amount(scope, amount, self.bounds.get(scope, ()))
