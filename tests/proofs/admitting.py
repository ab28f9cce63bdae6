"""What the office needs of sign-ins: people with a second factor, in each state of it."""

from base64 import b32decode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import insert, update

from backoffice_api.domain.identity.tables import provider_accounts, second_factors, sessions

if TYPE_CHECKING:
    from tests.proofs.office import Office

WANTED: Mapping[str, tuple[str, ...]] = {}
# Who asks what only people may, of themselves: one to whom it can be done.
ASKERS = {
    "mySessionsEnd": "new",
    "recoveryCodesRenew": "confirmed",
    "secondFactorConfirm": "begun",
    "secondFactorEnrol": "new",
    "secondFactorRemove": "confirmed",
}
_FAR = datetime(2999, 1, 1, tzinfo=UTC)


class Code:
    """The code that an app shows whenever it is looked at."""

    def __init__(self, seed: str) -> None:
        self._seed = seed

    def __call__(self) -> str:
        now = datetime.now(UTC).timestamp()
        return TOTP(b32decode(self._seed), 6, SHA1(), 30).generate(now).decode()


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    tokens = {name: office.signed_in(f"{name}@people.example") for name in set(ASKERS.values())}
    office.signed_in("new@people.example")  # for a session to be ended
    seeds = {name: _begin(office, tokens[name]) for name in ("begun", "confirmed")}
    with office.database.writing.begin() as db:
        confirmed = office.staff_id("confirmed@people.example")
        mine = second_factors.c.staff_id == confirmed
        db.execute(update(second_factors).where(mine).values(confirmed_at=datetime.now(UTC)))
        # Whatever the proofs take, what was just proved stays so.
        db.execute(
            update(sessions).where(sessions.c.staff_id == confirmed).values(verified_at=_FAR)
        )
        new = office.staff_id("new@people.example")
        db.execute(update(sessions).where(sessions.c.staff_id == new).values(created_at=_FAR))
        known = {"issuer": "https://login.example", "subject": "1", "staff_id": new}
        db.execute(insert(provider_accounts).values(linked_at=datetime.now(UTC), **known))
    office.askers.update({field: tokens[name] for field, name in ASKERS.items()})
    return {
        "SecondFactorConfirmInput.code": Code(seeds["begun"]),
        "staffResetSecondFactor.id": office.public_id("begun@people.example"),
        "staffUnlinkProvider.id": office.public_id("new@people.example"),
        "staffEndSessions.id": office.public_id("new@people.example"),
    }


def _begin(office: "Office", token: str) -> str:
    answer = office.ask("mutation { secondFactorEnrol { secret } }", token=token).json()
    seed: str = answer["data"]["secondFactorEnrol"]["secret"]
    return seed
