"""Lines are explained and posted, and taken back, to the cent. On both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from backoffice_api.domain.banking.commands.matching import (
    MatchLines,
    UndoMatch,
    match_lines_with,
    undo_match,
)
from backoffice_api.domain.banking.commands.suggesting import (
    AcceptSuggestion,
    ExcludeLine,
    IncludeLine,
    accept_suggestion,
    exclude_line,
    include_line,
)
from backoffice_api.domain.banking.model.items import ItemDraft, ItemKind
from backoffice_api.domain.banking.model.lines import LineState
from backoffice_api.domain.banking.model.matches import WriteOff
from backoffice_api.domain.banking.model.rules import LineDirection, RuleAction
from backoffice_api.domain.banking.model.suggestions import SuggestionKind
from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.model.accounts import AccountRole
from tests.banking.desk import Desk, euros, line, statement


def to(account_id, minor=None):
    return ItemDraft(ItemKind.ACCOUNT, account_id, None if minor is None else euros(minor))


@pytest.fixture
def fees(desk):
    return desk.ledger(AccountRole.BANK_FEES)


@pytest.fixture
def sales(desk):
    return desk.ledger(AccountRole.SALES)


@pytest.fixture
def bank(desk):
    return desk.ledger(AccountRole.BANK)


def brought(desk, *amounts):
    """Lines of such amounts, in this order."""
    desk.take(statement(*(line(place, minor) for place, minor in enumerate(amounts))))
    return [each.id for each in desk.lines()]


class TestMatching:
    def test_posts_a_line_and_takes_it_back(self, desk, fees, bank):
        (id,) = brought(desk, -450)

        made = desk.match([id], to(fees))

        found = desk.line(id)
        assert (found.state, found.matched_minor) == (LineState.RECONCILED, -450)
        assert (desk.booked(fees), desk.booked(bank)) == (450, -450)
        assert desk.broken() == []
        desk.undo(made)
        assert (desk.line(id).state, desk.booked(fees), desk.booked(bank)) == ("imported", 0, 0)
        assert desk.refused(undo_match, UndoMatch(id=made)) == ["INVALID_TRANSITION"]
        assert desk.broken() == []

    def test_explains_a_line_in_parts(self, desk, fees, sales):
        (id,) = brought(desk, 1_000)

        first = desk.match([id], to(sales, 600))
        assert (desk.line(id).state, desk.line(id).open_minor) == (LineState.MATCHED, 400)
        desk.match([id], to(sales), to(fees, 100))
        assert (desk.line(id).state, desk.booked(sales)) == (LineState.RECONCILED, -900)
        desk.undo(first)

        assert (desk.line(id).state, desk.line(id).open_minor) == (LineState.MATCHED, 600)
        assert desk.booked(sales) == -300
        assert desk.broken() == []

    def test_explains_several_lines_by_several_items(self, desk, fees, sales, bank):
        ids = brought(desk, 1_000, 500, -100)

        made = desk.match(ids, to(sales, 1_300), to(fees, 97), write_off=WriteOff(euros(5)))

        assert {desk.line(id).state for id in ids} == {LineState.RECONCILED}
        assert [desk.line(id).write_off_minor for id in ids] == [3, 0, 0]
        assert (desk.booked(bank), desk.booked(fees)) == (1_400, -100)
        desk.undo(made)
        assert (desk.booked(bank), desk.booked(fees), desk.booked(sales)) == (0, 0, 0)
        assert desk.broken() == []

    def test_keeps_hands_off_what_documents_prove(self, desk, sales):
        owed = desk.ledger(AccountRole.PAYABLES)
        (id,) = brought(desk, 1_000)

        def refused(*items, **values):
            command = MatchLines(line_ids=(id,), items=items, **values)
            return desk.refused(match_lines_with, command)

        assert refused(to(owed)) == ["CONTROL_ACCOUNT"]
        small = WriteOff(euros(99), account_id=owed)
        assert refused(to(sales, 950), write_off=small) == ["CONTROL_ACCOUNT"]
        for action, name in (("POST", "account_id"), ("MATCH", "write_off_account_id")):
            with pytest.raises(DomainError) as refusal:
                desk.rule(action=RuleAction[action], text="rent", **{name: owed})
            assert [each.code for each in refusal.value.reasons()] == ["CONTROL_ACCOUNT"]
        assert desk.line(id).state is LineState.IMPORTED

    def test_refuses_what_does_not_meet(self, desk, fees, sales):
        one, two = brought(desk, 1_000, 500)
        other = Desk(desk.world)
        other.take(statement(line(1, 7)))
        done = brought_done(desk, fees)

        def refused(lines, *items, **values):
            command = MatchLines(line_ids=tuple(lines), items=items, **values)
            return desk.refused(match_lines_with, command)

        assert refused([one, two], to(sales, 1_400)) == ["AMOUNTS_DO_NOT_MEET"]
        small = WriteOff(euros(99))
        assert refused([one, two], to(sales, 1_400), write_off=small) == ["AMOUNTS_DO_NOT_MEET"]
        yen = WriteOff(Money(1_000, "JPY"))
        assert refused([one], to(sales, 900), write_off=yen) == ["CURRENCY_MISMATCH"]
        assert refused([one], to(sales, 1_001)) == ["AMOUNTS_DO_NOT_MEET"]
        assert refused([one], to(UUID(int=1))) != []
        assert refused([one], to(desk.ledger(AccountRole.BANK))) != []
        assert refused([one], to(sales, 1_001), write_off=WriteOff(euros(5), UUID(int=1))) != []
        assert refused([one], to(sales, -1)) == ["AMOUNTS_DO_NOT_MEET"]
        assert refused([one], to(sales, 0)) == ["NOTHING_TO_MATCH"]
        assert refused([one]) == refused([one, one], to(sales)) == ["NOTHING_TO_MATCH"]
        assert refused([one], to(sales), to(fees)) == ["NOTHING_TO_MATCH"]
        assert refused([UUID(int=1)], to(sales)) == ["UNKNOWN_STATEMENT_LINE"]
        assert refused([one, other.lines()[0].id], to(sales)) == ["LINES_OF_SEVERAL_ACCOUNTS"]
        assert refused([done], to(sales)) == ["INVALID_TRANSITION"]
        bill = ItemDraft(ItemKind.BILL, UUID(int=1))
        assert refused([one], bill) == ["UNKNOWN_OPEN_ITEM"]
        assert desk.line(one).state is LineState.IMPORTED
        assert desk.broken() == []

    def test_leaves_lines_out_with_a_reason(self, desk, sales):
        (id,) = brought(desk, 1_000)

        desk.world.run(exclude_line, ExcludeLine(id=id, reason="Told twice."))

        command = MatchLines(line_ids=(id,), items=(to(sales),))
        assert desk.refused(match_lines_with, command) == ["INVALID_TRANSITION"]
        desk.world.run(include_line, IncludeLine(id=id))
        assert desk.line(id).excluded_because is None
        assert desk.refused(include_line, IncludeLine(id=id)) == ["INVALID_TRANSITION"]

    def test_explains_a_line_once_that_two_match_at_once(self, desk, sales, fees):
        (id,) = brought(desk, 1_000)
        start = Barrier(2)

        def match(account_id):
            start.wait()
            try:
                return desk.match([id], to(account_id))
            except DomainError as refusal:
                return refusal.code

        with ThreadPoolExecutor(2) as people:
            made = list(people.map(match, [sales, fees]))

        assert made.count("INVALID_TRANSITION") == 1
        assert desk.booked(sales) + desk.booked(fees) == -1_000
        assert desk.broken() == []

    @settings(
        max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
    )
    @given(steps=some.lists(some.tuples(some.integers(0, 2), some.integers(-60, 60)), max_size=10))
    def test_keeps_every_line_whole_whatever_is_done(self, desk, fees, bank, steps):
        """F5. Below zero: the last match of the line is undone; else so much of it is matched."""
        before = desk.booked(bank)
        account_id = desk.account()
        desk.take(statement(line(0, 50), line(1, -40), line(2, 7)), account_id=account_id)
        ids = [each.id for each in desk.lines(account_id)]
        made: dict[UUID, list[UUID]] = {id: [] for id in ids}
        for place, minor in steps:
            id = ids[place]
            if minor < 0 and made[id]:
                desk.undo(made[id].pop())
            elif 0 < minor <= abs(desk.line(id).open_minor):
                sign = 1 if desk.line(id).amount_minor > 0 else -1
                made[id].append(desk.match([id], to(fees, sign * minor)))

        lines = [desk.line(id) for id in ids]
        assert desk.booked(bank) - before == sum(each.matched_minor for each in lines)
        assert [each.state is LineState.RECONCILED for each in lines] == [
            each.open_minor == 0 for each in lines
        ]
        assert desk.broken() == []


def brought_done(desk, account_id):
    """A line that is reconciled already."""
    desk.take(statement(line(20, -5)))
    (id,) = [each.id for each in desk.lines() if each.amount_minor == -5]
    desk.match([id], to(account_id))
    return id


class TestSuggesting:
    def test_learns_where_lines_are_posted_and_unlearns_it(self, desk, fees):
        first, second = (
            line(day, -450, "Monthly fee", party_name="Big Bank", party_account="77")
            for day in (1, 31)
        )
        desk.take(statement(first, second))
        one, two = (each.id for each in desk.lines())
        made = desk.match([one], to(fees))

        desk.suggest()

        (found,) = desk.suggested(two)
        assert (found.kind, found.reasons) == (SuggestionKind.LEARNED, ["learned_account"])
        assert desk.line(two).state is LineState.SUGGESTED
        desk.undo(made)
        desk.suggest()
        assert desk.suggested(two) == ()
        assert {desk.line(id).state for id in (one, two)} == {LineState.IMPORTED}

    def test_follows_rules_in_their_order(self, desk, fees, sales):
        desk.rule(action=RuleAction.POST, account_id=sales, text="tarifa")
        desk.rule(
            action=RuleAction.POST,
            account_id=fees,
            priority=5,
            pattern=r"tarifa\s+pix",
            direction=LineDirection.OUT,
            amount_to=euros(500),
        )
        desk.take(
            statement(*(line(1, minor, f"Tarifa  PIX {minor}") for minor in (-450, -900, 450)))
        )

        desk.suggest()

        found = {
            each.amount_minor: desk.suggested(each.id)[0].items[0]["id"] for each in desk.lines()
        }
        assert found == {-450: fees.hex, -900: sales.hex, 450: sales.hex}

    def test_takes_a_suggestion_once(self, desk, fees):
        desk.rule(action=RuleAction.POST, account_id=fees, text="fee")
        desk.take(statement(line(1, -450, "Fee")))
        (id,) = (each.id for each in desk.lines())
        desk.suggest()
        command = AcceptSuggestion(suggestion_id=desk.suggested(id)[0].id)

        desk.world.run(accept_suggestion, command)

        assert (desk.line(id).state, desk.booked(fees)) == (LineState.RECONCILED, 450)
        assert desk.refused(accept_suggestion, command) == ["UNKNOWN_SUGGESTION"]

    def test_applies_automatic_rules_by_itself(self, desk, fees):
        desk.rule(action=RuleAction.POST, account_id=fees, text="fee", is_automatic=True)
        desk.take(statement(line(1, -450, "Fee"), line(1, -451, "Other")))

        desk.suggest()
        desk.suggest()

        states = {each.amount_minor: each.state for each in desk.lines()}
        assert states == {-450: LineState.RECONCILED, -451: LineState.IMPORTED}
        assert desk.broken() == []

    def test_leaves_alone_what_was_changed_meanwhile(self, desk, fees):
        from backoffice_api.domain.banking.commands.suggesting import (
            Found,
            KeepSuggestions,
            keep_suggestions,
        )

        (id,) = brought(desk, -450)
        stale = desk.line(id)
        desk.match([id], to(fees))

        command = KeepSuggestions(found=(Found(replace(stale), ()),))
        desk.world.run(keep_suggestions, command)

        assert desk.line(id).state is LineState.RECONCILED
