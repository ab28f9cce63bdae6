"""Why approvals are refused."""

from dataclasses import dataclass
from uuid import UUID

from backoffice_api.domain.kernel.errors import Invalid, Missing, Refused


@dataclass(eq=False)
class UnknownApproval(Missing):
    """There is no request for approval with this id."""

    id: UUID
    message = "There is no such request for approval."


@dataclass(eq=False)
class UnknownApprovalRule(Missing):
    """There is no such rule, or it was removed."""

    id: UUID
    message = "There is no such rule for approvals."


@dataclass(eq=False)
class UnknownDelegation(Missing):
    """There is no delegation with this id."""

    id: UUID
    message = "There is no such delegation."


@dataclass(eq=False)
class LimitBelowZero(Invalid):
    """A limit is an amount of zero or more."""

    message = "A limit is not below zero."


@dataclass(eq=False)
class SecondLimitTooLow(Invalid):
    """The limit above which two have to agree lies above the other one, in the same currency."""

    message = "The second limit lies above the first one, in the same currency."


@dataclass(eq=False)
class ChannelWithoutSales(Invalid):
    """Only orders and refunds belong to a channel: rules for other kinds name none."""

    message = "Only rules for orders and refunds name a channel."


@dataclass(eq=False)
class ApproverIsCreator(Refused):
    """What somebody made or proposed is approved by somebody else."""

    message = "Who made it cannot approve it: another person has to."


@dataclass(eq=False)
class NotTheApprover(Refused):
    """The rule names who decides, and the caller is none of them nor acts in the stead of one."""

    message = "The rule says that others decide on this."


@dataclass(eq=False)
class AgreedBefore(Refused):
    """The caller was the first of the two who have to agree; the second is somebody else."""

    message = "You have agreed already: another person has to agree, too."


@dataclass(eq=False)
class NotWhoAsked(Refused):
    """A request is taken back by whoever made it."""

    message = "Only who asked for it can withdraw it."


@dataclass(eq=False)
class NotInOrder(Invalid):
    """A period ends after it begins, and not in the past."""

    message = "The period ends after it begins, and in the future."


@dataclass(eq=False)
class DelegatedToSelf(Invalid):
    """Somebody decides in the stead of somebody else."""

    message = "Name somebody else."


@dataclass(eq=False)
class StaffToName(Invalid):
    """Programs are never away: say which person is."""

    message = "Say in whose stead the other one decides."
