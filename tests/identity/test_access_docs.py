"""What `docs/access.md` shows can be asked, in the order of the page."""

import re
from datetime import UTC, datetime
from pathlib import Path

from tests.identity.people import add_staff, bearer, sign_in
from tests.identity.test_second_factors import code_at

PAGE = (Path(__file__).parent.parent.parent / "docs" / "access.md").read_text(encoding="utf-8")


async def test_the_page_shows_what_can_be_asked(world):
    enrol, confirm, sessions = re.findall(
        r"^```graphql\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE
    )
    add_staff(world)
    now = datetime.now(UTC)
    asker = bearer(world, sign_in(world, now=now).secret, now).caller

    made = (await world.graphql(enrol, caller=asker))["secondFactorEnrol"]
    code = code_at(made["secret"], datetime.now(UTC))
    done = (await world.graphql(confirm, caller=asker, code=code))["secondFactorConfirm"]
    shown = (await world.graphql(sessions, caller=asker))["me"]["sessions"]

    assert made["userErrors"] == done["userErrors"] == []
    assert done["secondFactor"]["codesLeft"] == 10
    assert [each["isCurrent"] for each in shown] == [True]
