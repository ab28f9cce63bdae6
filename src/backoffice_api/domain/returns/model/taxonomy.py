"""The tree of reasons: how it is changed, and one that is ready to use."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Faults, Invalid, Refused
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.returns.model.reasons import REASON_DEPTH_MAX, ReturnReason, RootCause

REASONS_MAX = 500
POSITION_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class PresetReason:
    """A reason of the tree that is ready to use. `parent` is the code of that above it."""

    code: str
    name: str
    root_cause: RootCause
    parent: str | None = None
    needs_photo: bool = False


def _below(parent: PresetReason, *children: tuple[str, str, bool]) -> tuple[PresetReason, ...]:
    return (
        parent,
        *(
            PresetReason(code, name, parent.root_cause, parent.code, needs_photo)
            for code, name, needs_photo in children
        ),
    )


PRESETS: tuple[PresetReason, ...] = (
    *_below(
        PresetReason("product", "The product is at fault", RootCause.PRODUCT),
        ("not-working", "It does not work", True),
        ("poor-quality", "It is of poor quality", True),
        ("worn-early", "It wore out too early", True),
    ),
    *_below(
        PresetReason("supplier", "The supplier sent bad pieces", RootCause.SUPPLIER),
        ("defective-batch", "The whole batch is defective", True),
        ("parts-missing", "Parts are missing", False),
        ("expired", "It is past its date", True),
    ),
    *_below(
        PresetReason("carrier", "Something went wrong on the way", RootCause.CARRIER),
        ("damaged-on-the-way", "It arrived damaged", True),
        ("lost-on-the-way", "It never arrived", False),
        ("late", "It arrived too late", False),
    ),
    *_below(
        PresetReason("warehouse", "The wrong things were sent", RootCause.WAREHOUSE),
        ("wrong-item", "Another item was sent", True),
        ("wrong-quantity", "Too many or too few were sent", False),
        ("badly-packed", "It was badly packed", True),
    ),
    *_below(
        PresetReason("listing", "It is not as it was described", RootCause.DESCRIPTION),
        ("not-as-pictured", "It does not look as pictured", False),
        ("size-chart", "The size chart is wrong", False),
        ("not-compatible", "It does not go with what it should", False),
    ),
    *_below(
        PresetReason("customer", "The customer decided otherwise", RootCause.CUSTOMER),
        ("changed-mind", "Not wanted any more", False),
        ("does-not-fit", "It does not fit", False),
        ("ordered-by-mistake", "Ordered by mistake", False),
        ("refused", "Refused at the door", False),
        ("not-collected", "Never fetched", False),
    ),
)


@dataclass(frozen=True, slots=True)
class ReturnReasonCreated(Event):
    type = "return_reason.created"
    subject = "rre"
    summary = "The reason {code} can be given."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ReturnReasonUpdated(Event):
    type = "return_reason.updated"
    subject = "rre"
    summary = "The reason {code} was changed."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ReturnReasonArchived(Event):
    type = "return_reason.archived"
    subject = "rre"
    summary = "The reason {code} is not given any more."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ReturnReasonRestored(Event):
    type = "return_reason.restored"
    subject = "rre"
    summary = "The reason {code} can be given again."
    id: UUID
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class ReasonsMade:
    """What a preset has made: ids of reasons, those above before those below."""

    reason_ids: tuple[UUID, ...]


@dataclass(eq=False)
class ReturnReasonTaken(Refused):
    """Another reason has this code."""

    reason: str
    message = "Another reason has the code {reason!r:.90}."


@dataclass(eq=False)
class ReasonsTooDeep(Invalid):
    """The tree of reasons has few levels, so that whoever chooses sees all of it."""

    maximum: int
    message = "Reasons have at most {maximum} levels."


@dataclass(eq=False)
class ReasonInItself(Invalid):
    """A reason cannot lie under itself."""

    message = "A reason cannot lie under itself."


@dataclass(eq=False)
class ReasonHasOthersBelow(Refused):
    """Reasons that lie below it can still be given."""

    message = "Archive the reasons below it first."


@dataclass(eq=False)
class ReasonAboveArchived(Refused):
    """The reason that it lies under is archived."""

    message = "The reason above it is archived."


def check_reason(reason: ReturnReason) -> None:
    """Raises: InvalidText, OutOfRange."""
    faults = Faults()
    check_text(reason.code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(reason.name, faults, "name")
    check_range(reason.position, faults, "position", minimum=0, maximum=POSITION_MAX)
    faults.check()


def check_place(
    parents: dict[UUID, UUID | None], id: UUID, parent_id: UUID | None, height: int
) -> None:
    """Whether a reason, with `height` levels from it downwards, may lie there.

    `parents`: of each reason, that above it.

    Raises:
        ReasonInItself, ReasonsTooDeep.
    """
    depth = 0
    above = parent_id
    while above is not None:
        if above == id:
            raise ReasonInItself().at("parent_id")
        depth += 1
        above = parents.get(above)
    if depth + height > REASON_DEPTH_MAX:
        raise ReasonsTooDeep(REASON_DEPTH_MAX).at("parent_id")


def height_of(parents: dict[UUID, UUID | None], id: UUID) -> int:
    """How many levels there are from a reason downwards, itself included."""
    below = [each for each, parent in parents.items() if parent == id]
    return 1 + max((height_of(parents, each) for each in below), default=0)
