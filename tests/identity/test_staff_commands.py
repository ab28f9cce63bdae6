"""Staff: added, changed, given a password, disabled, enabled."""

import pytest
from sqlalchemy import func, select

from backoffice_api.domain.identity.commands.staff import (
    CreateStaff,
    DisableStaff,
    EnableStaff,
    SetStaffPassword,
    UpdateStaff,
    disable_staff,
    enable_staff,
    update_staff,
)
from backoffice_api.domain.identity.model.staff import (
    EmailTaken,
    GuessablePassword,
    ScopeNotHeld,
    StaffStatus,
    UnknownStaff,
)
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.identity.tables import staff
from backoffice_api.domain.kernel.contacts import InvalidEmail
from backoffice_api.domain.kernel.errors import NotAllowed, SeveralFaults, StaleVersion
from backoffice_api.domain.kernel.events import MASKED, events
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.states import InvalidTransition
from backoffice_api.domain.kernel.texts import InvalidText
from tests.identity.people import (
    CHEAP,
    EMAIL,
    PASSWORD,
    add_staff,
    bearer,
    cheap_create_staff,
    cheap_set_password,
    sign_in,
)
from tests.world import CLERK, caller

OTHER_PASSWORD = "another sentence of the same length"
LIMITED = caller(Scope.ACCESS_WRITE, Scope.ORDERS_READ)


def member(world, id):
    return world.read(queries.staff_by_ids, [id])[id]


def rows(world):
    return world.read(lambda db: db.execute(select(staff).order_by(staff.c.id)).all())


def changes(world):
    statement = select(events.c.type, events.c.changes).order_by(events.c.sequence)
    return world.read(lambda db: [tuple(row) for row in db.execute(statement)])


class TestCreateStaff:
    def test_adds_somebody_who_may_sign_in(self, world):
        id = add_staff(world, Scope.ORDERS_READ, Scope.COSTS_READ, email="Ada@Shop.Example")

        made = member(world, id)
        assert (made.name, made.email, made.version) == ("Ada", "Ada@shop.example", 1)
        assert made.scopes == ["costs:read", "orders:read"]
        assert made.status is StaffStatus.ACTIVE
        assert CHEAP.matches(Secret(PASSWORD), world.read(queries.password_hash, id))
        assert bearer(world, sign_in(world).secret).caller.actor.id == id

    def test_logs_neither_name_nor_address_nor_password(self, world):
        add_staff(world)

        assert changes(world) == [
            (
                "staff.created",
                [
                    {"path": "name", "before": None, "after": MASKED},
                    {"path": "email", "before": None, "after": MASKED},
                    {"path": "scopes", "before": None, "after": []},
                    {"path": "status", "before": None, "after": "active"},
                ],
            )
        ]

    @pytest.mark.parametrize(
        ("given", "refusal", "path"),
        [
            ({"name": " "}, InvalidText, ("name",)),
            ({"email": "ada"}, InvalidEmail, ("email",)),
            ({"password": Secret("fourteen signs")}, InvalidText, ("password",)),
            ({"password": Secret("x" * 257)}, InvalidText, ("password",)),
            ({"password": Secret("abababababababab")}, GuessablePassword, ("password",)),
            ({"password": Secret("my ADA@shop.example!")}, GuessablePassword, ("password",)),
        ],
    )
    def test_refuses_wrong_input(self, world, given, refusal, path):
        right = {"name": "Ada", "email": EMAIL, "password": Secret(PASSWORD)}

        with pytest.raises(refusal) as refused:
            world.run(cheap_create_staff, CreateStaff(**(right | given)))

        assert refused.value.path == path
        assert rows(world) == []

    def test_tells_all_faults_at_once(self, world):
        command = CreateStaff(name="", email="", password=Secret(""))

        with pytest.raises(SeveralFaults) as refused:
            world.run(cheap_create_staff, command)

        paths = [fault.path for fault in refused.value.faults]
        assert paths == [("name",), ("email",), ("password",)]

    def test_refuses_an_address_that_somebody_has_capitals_not_counting(self, world):
        add_staff(world)

        with pytest.raises(EmailTaken) as refused:
            add_staff(world, email="ADA@shop.EXAMPLE")

        assert refused.value.path == ("email",)
        assert len(rows(world)) == 1

    def test_gives_no_right_that_the_caller_lacks(self, world):
        with pytest.raises(ScopeNotHeld) as refused:
            add_staff(
                world, Scope.ORDERS_READ, Scope.ORDERS_WRITE, Scope.COSTS_READ, caller=LIMITED
            )

        assert refused.value.scopes == ("costs:read", "orders:write")
        assert refused.value.path == ("scopes",)
        assert rows(world) == []

    def test_gives_rights_that_the_caller_holds(self, world):
        id = add_staff(world, Scope.ORDERS_READ, caller=LIMITED)

        assert member(world, id).scopes == ["orders:read"]


class TestUpdateStaff:
    def test_changes_what_is_given(self, world):
        id = add_staff(world, Scope.ORDERS_READ)

        world.run(update_staff, UpdateStaff(id=id, email="Ada.L@shop.example"))

        changed = member(world, id)
        assert (changed.name, changed.email, changed.version) == ("Ada", "Ada.L@shop.example", 2)
        assert changed.scopes == ["orders:read"]
        assert sign_in(world, email="ada.l@SHOP.example").secret is not None
        type, changed_fields = changes(world)[1]
        assert type == "staff.updated"
        assert changed_fields == [{"path": "email", "before": MASKED, "after": MASKED}]

    def test_new_rights_hold_for_open_sessions(self, world):
        id = add_staff(world, Scope.ORDERS_READ)
        session = sign_in(world)

        world.run(update_staff, UpdateStaff(id=id, scopes=(Scope.STOCK_READ,)))

        assert bearer(world, session.secret).caller.scopes == {Scope.STOCK_READ}

    def test_writes_no_change_of_rights_that_stay_the_same(self, world):
        id = add_staff(world, Scope.ORDERS_READ)

        world.run(update_staff, UpdateStaff(id=id, name="Ada L", scopes=(Scope.ORDERS_READ,)))

        _, changed_fields = changes(world)[1]
        assert [each["path"] for each in changed_fields] == ["name"]

    def test_keeps_the_address_that_one_has(self, world):
        id = add_staff(world)

        world.run(update_staff, UpdateStaff(id=id, email=EMAIL.upper()))

        assert member(world, id).email == "ADA@shop.example"

    def test_refuses_an_address_that_somebody_has(self, world):
        add_staff(world)
        id = add_staff(world, email="grace@shop.example")

        with pytest.raises(EmailTaken):
            world.run(update_staff, UpdateStaff(id=id, email=EMAIL))

        assert member(world, id).version == 1

    def test_gives_no_right_that_the_caller_lacks(self, world):
        id = add_staff(world, Scope.ORDERS_READ)
        before = rows(world)
        command = UpdateStaff(id=id, scopes=(Scope.ORDERS_READ, Scope.COSTS_READ))

        with pytest.raises(ScopeNotHeld) as refused:
            world.run(update_staff, command, caller=LIMITED)

        assert refused.value.scopes == ("costs:read",)
        assert refused.value.path == ("scopes",)
        assert rows(world) == before

    def test_refuses_the_version_of_yesterday(self, world):
        id = add_staff(world)
        world.run(update_staff, UpdateStaff(id=id, name="Ada L"))

        with pytest.raises(StaleVersion):
            world.run(update_staff, UpdateStaff(id=id, name="A"), expected_version=1)

        assert member(world, id).name == "Ada L"


class TestSetStaffPassword:
    def test_takes_the_place_of_the_old_one(self, world):
        id = add_staff(world)

        world.run(cheap_set_password, SetStaffPassword(id=id, password=Secret(OTHER_PASSWORD)))

        kept = world.read(queries.password_hash, id)
        assert CHEAP.matches(Secret(OTHER_PASSWORD), kept)
        assert not CHEAP.matches(Secret(PASSWORD), kept)
        assert member(world, id).version == 2

    def test_ends_all_sessions_of_this_one_only(self, world):
        id = add_staff(world)
        add_staff(world, email="grace@shop.example")
        mine = [sign_in(world), sign_in(world)]
        other = sign_in(world, email="grace@shop.example")
        command = SetStaffPassword(id=id, password=Secret(OTHER_PASSWORD))

        answer = world.run(cheap_set_password, command)

        assert [bearer(world, each.secret) for each in mine] == [None, None]
        assert bearer(world, other.secret) is not None
        kinds = [effect.kind for effect in answer.effects]
        assert kinds == ["staff.password_set", "session.ended", "session.ended"]

    def test_refuses_one_that_is_too_short(self, world):
        id = add_staff(world)
        before = world.read(queries.password_hash, id)

        with pytest.raises(InvalidText):
            world.run(cheap_set_password, SetStaffPassword(id=id, password=Secret("short")))

        assert world.read(queries.password_hash, id) == before


class TestDisableStaff:
    def test_ends_all_sessions_and_lets_nobody_in(self, world):
        id = add_staff(world)
        session = sign_in(world)

        answer = world.run(disable_staff, DisableStaff(id=id))

        assert member(world, id).status is StaffStatus.DISABLED
        assert bearer(world, session.secret) is None
        assert [each.kind for each in answer.effects] == ["staff.disabled", "session.ended"]
        assert world.read(queries.active_account, EMAIL) is None

    def test_is_possible_once(self, world):
        id = add_staff(world)
        world.run(disable_staff, DisableStaff(id=id))

        with pytest.raises(InvalidTransition) as refused:
            world.run(disable_staff, DisableStaff(id=id))

        assert refused.value.allowed == ("update", "setPassword", "enable")
        assert member(world, id).version == 2


class TestEnableStaff:
    def test_lets_somebody_in_again_but_opens_no_session(self, world):
        id = add_staff(world)
        session = sign_in(world)
        world.run(disable_staff, DisableStaff(id=id))

        world.run(enable_staff, EnableStaff(id=id))

        assert member(world, id).status is StaffStatus.ACTIVE
        assert bearer(world, session.secret) is None
        assert bearer(world, sign_in(world).secret) is not None

    def test_is_not_possible_for_who_is_active(self, world):
        id = add_staff(world)

        with pytest.raises(InvalidTransition):
            world.run(enable_staff, EnableStaff(id=id))


CHANGES = [
    (update_staff, lambda id: UpdateStaff(id=id, name="Eve")),
    (update_staff, lambda id: UpdateStaff(id=id, scopes=())),
    (cheap_set_password, lambda id: SetStaffPassword(id=id, password=Secret(OTHER_PASSWORD))),
    (disable_staff, lambda id: DisableStaff(id=id)),
    (enable_staff, lambda id: EnableStaff(id=id)),
]


@pytest.mark.parametrize(("handler", "command"), CHANGES)
class TestEveryChange:
    def test_is_refused_for_staff_who_hold_rights_that_the_caller_lacks(
        self, world, handler, command
    ):
        id = add_staff(world, Scope.ORDERS_READ, Scope.ORDERS_WRITE)
        before = rows(world)

        with pytest.raises(ScopeNotHeld) as refused:
            world.run(handler, command(id), caller=LIMITED)

        assert refused.value.scopes == ("orders:write",)
        assert refused.value.path == ("id",)
        assert rows(world) == before

    def test_needs_a_right(self, world, handler, command):
        id = add_staff(world)
        before = rows(world)

        with pytest.raises(NotAllowed):
            world.run(handler, command(id), caller=caller(Scope.ACCESS_READ))

        assert rows(world) == before

    def test_needs_somebody_to_change(self, world, handler, command):
        with pytest.raises(UnknownStaff):
            world.run(handler, command(CLERK.actor.id))

        count = select(func.count()).select_from(events)
        assert world.read(lambda db: db.execute(count).scalar()) == 0
