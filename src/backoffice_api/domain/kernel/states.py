"""State machines as tables: the whole life of a thing on one screen.

The table feeds the enum of the schema, the field `actions`, the guard of each command and the
property tests. It is checked when its module is imported, not when it fails.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Refused

S = TypeVar("S", bound=Choice)


@dataclass(eq=False)
class InvalidTransition(Refused):
    """The present state does not allow this action. `allowed` names the actions that are."""

    action: str
    present: str
    allowed: tuple[str, ...]
    message = "In the state {present}, {action} is not possible."


@dataclass(frozen=True, slots=True)
class Move(Generic[S]):
    """One action: the states in which it is possible, and where it leads. None: it stays."""

    action: str
    present: frozenset[S]
    to: S | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Whether an action is possible now, and what stands in its way if not."""

    name: str
    allowed: bool
    blocked_by: tuple[str, ...]


def move(action: str, present: set[S], to: S | None = None) -> Move[S]:
    return Move(action, frozenset(present), to)


class Machine(Generic[S]):
    """Which actions are possible in which state.

    Raises:
        ValueError: an action is named twice, or a state cannot be reached from `start`.
    """

    def __init__(self, start: S, *moves: Move[S]) -> None:
        self.start = start
        self.moves: Mapping[str, Move[S]] = {each.action: each for each in moves}
        if len(self.moves) != len(moves):
            raise ValueError("an action is named twice")
        if unreachable := set(type(start)) - self._reachable():
            raise ValueError(f"no way from {start} to {', '.join(sorted(unreachable))}")

    def allowed(self, present: S) -> Sequence[str]:
        """Names of the actions that are possible in the state `present`."""
        return [name for name, each in self.moves.items() if present in each.present]

    def check(self, action: str, present: S) -> S:
        """The state to which `action` leads.

        Raises:
            InvalidTransition: it is not possible in the state `present`.
        """
        each = self.moves[action]
        if present not in each.present:
            raise InvalidTransition(action, present.name, tuple(self.allowed(present)))
        return present if each.to is None else each.to

    def actions(
        self, present: S, blocks: Mapping[str, Sequence[str]] | None = None
    ) -> Sequence[Action]:
        """Every action with its present answer. `blocks`: what else is in the way, by action."""
        blocks = blocks or {}
        return [
            Action(name, not (reasons := self._reasons(each, present, blocks)), reasons)
            for name, each in self.moves.items()
        ]

    def _reasons(
        self, each: Move[S], present: S, blocks: Mapping[str, Sequence[str]]
    ) -> tuple[str, ...]:
        wrong_state = () if present in each.present else (f"state is {present.name}",)
        return (*wrong_state, *blocks.get(each.action, ()))

    def _reachable(self) -> set[S]:
        seen, todo = {self.start}, [self.start]
        while todo:
            state = todo.pop()
            fresh = {
                each.to for each in self.moves.values() if each.to and state in each.present
            } - seen
            seen |= fresh
            todo += fresh
        return seen
