"""How far rights reach: of which channels, locations and teams they hold, and up to which amount.

A right that was given as such holds everywhere. One that came with a role may hold for some
channels only. Of several grants each counts by itself: somebody picks in Lyon, and refunds up to
200 euros what was bought in the shop of Rome.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Denied, Refused
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope


class Dimension(Choice):
    """By what the reach of a right can be limited."""

    CHANNEL = "channel", "The channel that something was sold in."
    LOCATION = "location", "The location that something lies in or leaves from; all within it."
    TEAM = "team", "The team that answers."


Ids = frozenset[UUID] | None
Amounts = tuple[tuple[str, int], ...] | None


@dataclass(eq=False)
class AboveLimit(Refused):
    """The amount is above what the caller may move alone. `minor` of `currency`; 0: nothing."""

    scope: str
    minor: int
    currency: str
    message = "This is above your limit for {scope}."


@dataclass(eq=False)
class OutOfReach(Denied):
    """The caller holds the right for a part only, and nothing says whether this is in it."""

    scope: str
    message = "You hold {scope} for a part only, and this is not told apart by it."


@dataclass(eq=False)
class NotToldApart(Denied):
    """The caller holds rights for a part only, and nothing says whose part this is."""

    message = "You hold rights for a part only, and nothing says whose part this is."


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one grant allows: rows within all of these. None: there is no such bound.

    `amounts`: the most that may be moved at once by currency, in minor units; nothing of others.
    """

    channels: Ids = None
    locations: Ids = None
    teams: Ids = None
    amounts: Amounts = None

    @property
    def is_open(self) -> bool:
        return self == _OPEN

    def of(self, dimension: Dimension) -> Ids:
        """The ids that are allowed of a dimension. None: all."""
        return {
            Dimension.CHANNEL: self.channels,
            Dimension.LOCATION: self.locations,
            Dimension.TEAM: self.teams,
        }[dimension]

    def dimensions(self) -> frozenset[Dimension]:
        """By what it is bounded."""
        return frozenset(each for each in Dimension if self.of(each) is not None)

    def reaches_path(self, path: str) -> bool:
        """Whether a location with this path, from its site down to itself, is within."""
        return self.locations is None or any(f"{each.hex}/" in path for each in self.locations)

    def allows(self, amount: Money) -> bool:
        """Whether so much may be moved at once."""
        if self.amounts is None:
            return True
        return abs(amount.minor) <= dict(self.amounts).get(amount.currency, 0)

    def covers(self, other: "Bounds") -> bool:
        """Whether everything that `other` allows is allowed here, too."""
        for dimension in Dimension:
            mine, theirs = self.of(dimension), other.of(dimension)
            if mine is not None and (theirs is None or not theirs <= mine):
                return False
        if self.amounts is None:
            return True
        if other.amounts is None:
            return False
        own = dict(self.amounts)
        return all(minor <= own.get(currency, 0) for currency, minor in other.amounts)

    def only(self, dimensions: Iterable[Dimension], *, amounts: bool) -> "Bounds":
        """The same without the bounds of other dimensions."""
        kept = frozenset(dimensions)
        return Bounds(
            channels=self.channels if Dimension.CHANNEL in kept else None,
            locations=self.locations if Dimension.LOCATION in kept else None,
            teams=self.teams if Dimension.TEAM in kept else None,
            amounts=self.amounts if amounts else None,
        )


_OPEN: Final = Bounds()
_NONE: Final[frozenset[UUID]] = frozenset()


@dataclass(frozen=True, slots=True)
class Reach:
    """The rights that are bounded, each with what its grants allow. All others hold everywhere.

    It can be hashed, so that what is made of it is kept.
    """

    bounded: tuple[tuple[Scope, tuple[Bounds, ...]], ...] = ()

    @property
    def is_everywhere(self) -> bool:
        return not self.bounded

    def of(self, scope: Scope) -> tuple[Bounds, ...]:
        """What the grants of a right allow, any of which will do. Empty: it holds everywhere."""
        for each, bounds in self.bounded:
            if each is scope:
                return bounds
        return ()

    def scopes(self) -> frozenset[Scope]:
        """The rights that are bounded."""
        return frozenset(scope for scope, _ in self.bounded)

    def channels(self, scope: Scope) -> Ids:
        """The channels of which the right holds in some way. None: all."""
        return self._ids(scope, Dimension.CHANNEL)

    def locations(self, scope: Scope) -> Ids:
        """The locations of which the right holds in some way, without their parts. None: all."""
        return self._ids(scope, Dimension.LOCATION)

    def teams(self, scope: Scope) -> Ids:
        """The teams of which the right holds in some way. None: all."""
        return self._ids(scope, Dimension.TEAM)

    def dimensions(self, scope: Scope) -> frozenset[Dimension]:
        """By what a right is bounded in some grant."""
        found: frozenset[Dimension] = frozenset()
        for each in self.of(scope):
            found |= each.dimensions()
        return found

    def has_limit(self, scope: Scope) -> bool:
        """Whether there is an amount that is too much, in every grant of the right."""
        found = self.of(scope)
        return bool(found) and all(each.amounts is not None for each in found)

    def check_amount(self, scope: Scope, amount: Money, holding: Sequence[Bounds] = ()) -> None:
        """Refuse what is above the caller's limit for a right.

        `holding`: those of the grants that hold for what is at hand; empty: all of them.

        Raises:
            AboveLimit: no grant of the right allows so much.
        """
        found = [each for each in self.of(scope) if not holding or each in holding]
        if found and not any(each.allows(amount) for each in found):
            limits = (dict(each.amounts or ()).get(amount.currency, 0) for each in found)
            raise AboveLimit(scope.value, max(limits), amount.currency)

    def covers(self, scope: Scope, wanted: Bounds) -> bool:
        """Whether who holds the right so far may hand it on as far as `wanted`."""
        found = self.of(scope)
        return not found or any(each.covers(wanted) for each in found)

    def _ids(self, scope: Scope, dimension: Dimension) -> Ids:
        found = _NONE
        for bounds in self.of(scope) or (_OPEN,):
            ids = bounds.of(dimension)
            if ids is None:
                return None
            found |= ids
        return found


EVERYWHERE: Final = Reach()


def united(direct: Iterable[Scope], granted: Mapping[Scope, Iterable[Bounds]]) -> Reach:
    """What somebody may who holds `direct` as such, and each of the others by some grants.

    What another grant covers is left out; a right that some grant gives without bounds has none.
    """
    everywhere = frozenset(direct)
    bounded: list[tuple[Scope, tuple[Bounds, ...]]] = []
    for scope in Scope:
        if scope in everywhere or scope not in granted:
            continue
        kept = tuple(_widest(granted[scope]))
        if kept and not any(each.is_open for each in kept):
            bounded.append((scope, kept))
    return Reach(tuple(bounded)) if bounded else EVERYWHERE


def _widest(given: Iterable[Bounds]) -> Iterator[Bounds]:
    found = list(dict.fromkeys(given))
    for each in found:
        if not any(other is not each and other.covers(each) for other in found):
            yield each
