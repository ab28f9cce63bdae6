"""Rules of reconciliation: made and changed."""

from dataclasses import dataclass, fields, replace
from uuid import UUID

from sqlalchemy import func, select

from backoffice_api.domain.banking import queries
from backoffice_api.domain.banking.model.accounts import (
    UnknownBankAccountOfShop,
    UnknownLedgerAccountOfBank,
)
from backoffice_api.domain.banking.model.events import ReconciliationRuleSet
from backoffice_api.domain.banking.model.patterns import UnsafePattern, check_pattern
from backoffice_api.domain.banking.model.rules import (
    DAYS_MAX,
    RULE_TEXT_LENGTH_MAX,
    RULES_MAX,
    ReconciliationRule,
    RuleAction,
    RuleBoundsReversed,
    RuleDraft,
    RuleKnowsNothing,
    RuleMismatch,
    UnknownReconciliationRule,
)
from backoffice_api.domain.banking.tables.matching import rules
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import TooMany, check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.model.refusals import ControlAccount
from backoffice_api.domain.ledger.queries import accounts_by_ids

PRIORITY_MAX = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRule(Command):
    scope = Scope.BANKING_WRITE
    draft: RuleDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceRule(Command):
    """The whole rule, in place of what it was."""

    scope = Scope.BANKING_WRITE
    table = rules
    id: UUID
    draft: RuleDraft


def create_rule(uow: UnitOfWork, command: CreateRule) -> UUID:
    """Make a rule. Its id.

    Raises:
        InvalidText, OutOfRange, UnsafePattern, RuleMismatch, RuleKnowsNothing, CurrencyMismatch,
        RuleBoundsReversed, UnknownBankAccountOfShop, UnknownLedgerAccountOfBank, ControlAccount,
        TooMany.
    """
    present = uow.db.execute(select(func.count()).select_from(rules)).scalar_one()
    if present >= RULES_MAX:
        raise TooMany(RULES_MAX)
    _check(uow, command.draft)
    made = _rule(uow, uow.new_id(), command.draft)
    add(uow, rules, [made])
    uow.emit(ReconciliationRuleSet(made.id, made.version, made.name), after=made)
    return made.id


def replace_rule(uow: UnitOfWork, command: ReplaceRule) -> UUID:
    """Change a rule, as a whole. Matches that it made stay. Its id.

    Raises:
        UnknownReconciliationRule, and as `create_rule`.
    """
    before = queries.rules_by_ids(uow.db, [command.id]).get(command.id)
    if before is None:
        raise UnknownReconciliationRule(command.id).at("id")
    _check(uow, command.draft)
    wanted = _rule(uow, before.id, command.draft)
    after = replace(wanted, version=before.version, created_at=before.created_at)
    after = save(uow, rules, before, after)
    event = ReconciliationRuleSet(after.id, after.version, after.name)
    uow.emit(event, before=before, after=after)
    return after.id


def _rule(uow: UnitOfWork, id: UUID, draft: RuleDraft) -> ReconciliationRule:
    shared = {each.name for each in fields(ReconciliationRule)} & {
        each.name for each in fields(RuleDraft)
    }
    return ReconciliationRule(
        id=id,
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        currency=draft.tolerance.currency,
        tolerance_minor=draft.tolerance.minor,
        from_minor=draft.amount_from.minor if draft.amount_from else None,
        to_minor=draft.amount_to.minor if draft.amount_to else None,
        **{name: getattr(draft, name) for name in shared - {"tolerance"}},
    )


def _check(uow: UnitOfWork, draft: RuleDraft) -> None:
    faults = Faults()
    check_text(draft.name, faults, "name")
    check_text(draft.text, faults, "text", maximum=RULE_TEXT_LENGTH_MAX)
    check_text(draft.party, faults, "party", maximum=RULE_TEXT_LENGTH_MAX)
    check_range(draft.priority, faults, "priority", minimum=0, maximum=PRIORITY_MAX)
    check_range(draft.days, faults, "days", minimum=0, maximum=DAYS_MAX)
    if draft.pattern is not None:
        try:
            check_pattern(draft.pattern)
        except UnsafePattern as fault:
            faults.add(fault.at("pattern"))
    _check_amounts(draft, faults)
    is_posting = draft.action is RuleAction.POST
    if is_posting != (draft.account_id is not None) or (
        is_posting and (draft.tolerance or draft.days is not None)
    ):
        faults.add(RuleMismatch().at("action"))
    conditions = (draft.text, draft.pattern, draft.party, draft.amount_from, draft.amount_to)
    if (is_posting or draft.is_automatic) and not any(each is not None for each in conditions):
        faults.add(RuleKnowsNothing().at("text"))
    if draft.bank_account_id and not queries.accounts_by_ids(uow.db, [draft.bank_account_id]):
        faults.add(UnknownBankAccountOfShop(draft.bank_account_id).at("bank_account_id"))
    _check_accounts(uow, draft, faults)
    faults.check()


def _check_amounts(draft: RuleDraft, faults: Faults) -> None:
    low, high, currency = draft.amount_from, draft.amount_to, draft.tolerance.currency
    for name, amount in (("amount_from", low), ("amount_to", high)):
        if amount and amount.currency != currency:
            faults.add(CurrencyMismatch(currency, amount.currency).at(name))
            return
    if draft.tolerance.minor < 0 or (low and low.minor < 0) or (low and high and low > high):
        faults.add(RuleBoundsReversed().at("amount_from"))


def _check_accounts(uow: UnitOfWork, draft: RuleDraft, faults: Faults) -> None:
    named = {
        "account_id": draft.account_id,
        "write_off_account_id": draft.write_off_account_id,
    }
    wanted = {name: id for name, id in named.items() if id}
    present = accounts_by_ids(uow.db, wanted.values()) if wanted else {}
    for name, id in wanted.items():
        account = present.get(id)
        if account is None or account.is_archived:
            faults.add(UnknownLedgerAccountOfBank(id).at(name))
        elif account.is_control:
            faults.add(ControlAccount.of(account).at(name))
