"""How returns end, and how they are taken up again."""

from dataclasses import dataclass, replace
from uuid import UUID

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.returns.commands.exchange_settling import owed_of_exchanges
from backoffice_api.domain.returns.commands.writing import opened, save_told
from backoffice_api.domain.returns.model.events import ReturnReopened, ReturnResolved
from backoffice_api.domain.returns.model.exchanges import ExchangeUnderWay
from backoffice_api.domain.returns.model.refusals import (
    NotSettled,
)
from backoffice_api.domain.returns.model.returns import (
    MACHINE,
)
from backoffice_api.domain.returns.model.reversals import MoneyOpen, RefundRefused
from backoffice_api.domain.returns.queries import exchanges as on_exchanges
from backoffice_api.domain.returns.queries import reversals as on_reversals
from backoffice_api.domain.returns.tables import returns


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveReturn(Command):
    scope = Scope.RETURNS_WRITE
    table = returns
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenReturn(Command):
    scope = Scope.RETURNS_WRITE
    table = returns
    id: UUID


def resolve_return(uow: UnitOfWork, command: ResolveReturn) -> UUID:
    """End a return of which everybody has got what was decided. Its id.

    What has not come until then is not waited for any more: it may be asked for again.

    Raises:
        UnknownReturn, InvalidTransition.
        NotSettled: pieces are to be inspected, or what was decided of them is to be done.
        ExchangeUnderWay: other goods were given for them, and the difference is not settled.
        RefundRefused: the provider refused a refund of it.
        MoneyOpen: what an exchange pays back was called off.
    """
    of = opened(uow, command.id, "resolve")
    if live := on_exchanges.live_exchange(uow.db, of.before.id):
        raise ExchangeUnderWay(live.number).at("id")
    to_inspect = sum(line.to_inspect for line in of.lines)
    open_ones = sum(line.open_resolutions for line in of.lines)
    nothing = not any(line.received or line.waived for line in of.lines)
    if to_inspect or open_ones or nothing:
        raise NotSettled(to_inspect, open_ones)
    if refused := on_reversals.refused_refund(uow.db, of.before.id):
        raise RefundRefused(refused).at("id")
    if owed := sum(owed_of_exchanges(uow, of).values()):
        raise MoneyOpen(Money(owed, of.before.currency)).at("id")
    lines = [line.without(line.awaited) for line in of.lines]
    after = replace(of.before, status=MACHINE.check("resolve", of.before.status))
    save_told(
        uow,
        of,
        after,
        lines,
        ReturnResolved,
        currency=after.currency,
        refunded_minor=after.refunded_minor,
        fee_minor=after.fee_minor,
        goodwill_minor=after.goodwill_minor,
    )
    return of.before.id


def reopen_return(uow: UnitOfWork, command: ReopenReturn) -> UUID:
    """Take a return up again that had ended: more came, or more is to be given. Its id.

    Raises:
        UnknownReturn.
        InvalidTransition: it has not ended, or it ended in another system.
    """
    of = opened(uow, command.id, "reopen")
    if of.before.recorded:
        raise InvalidTransition("reopen", of.before.status.name, ())
    after = replace(of.before, status=MACHINE.check("reopen", of.before.status))
    save_told(uow, of, after, of.lines, ReturnReopened)
    return of.before.id
