"""The checks find what they look for, and nothing else."""

from sqlalchemy import delete, update

from backoffice_api.domain.identity.checks import CHECKS
from backoffice_api.domain.identity.commands.staff import DisableStaff, disable_staff
from backoffice_api.domain.identity.tables import passwords, sessions
from tests.identity.people import add_staff, add_token, sign_in
from tests.soundness import findings


def broken(world):
    return {each.check.id: len(each.rows) for each in findings(world.database, CHECKS)}


def write(world, statement):
    with world.database.writing.begin() as db:
        db.execute(statement)


class TestChecks:
    def test_hold_for_what_commands_made(self, world):
        id = add_staff(world)
        add_staff(world, email="grace@shop.example")
        add_token(world)
        sign_in(world)
        world.run(disable_staff, DisableStaff(id=id))

        assert broken(world) == {}

    def test_find_an_open_session_of_somebody_disabled(self, world):
        id = add_staff(world)
        sign_in(world)
        world.run(disable_staff, DisableStaff(id=id))
        write(world, update(sessions).values(ended_at=None))

        assert broken(world) == {"AUTH1": 1}

    def test_find_who_has_no_password(self, world):
        add_staff(world)
        write(world, delete(passwords))

        assert broken(world) == {"AUTH2": 1}

    def test_find_a_password_that_is_no_hash(self, world):
        add_staff(world)
        write(world, update(passwords).values(hash="hunter2"))

        assert broken(world) == {"AUTH2": 1}
