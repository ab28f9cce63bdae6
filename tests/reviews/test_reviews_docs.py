"""The documents in `docs/reviews.md` and `docs/approvals.md` can be asked, and are answered."""

import re
from pathlib import Path

import pytest

from backoffice_api.domain.approvals.commands.rules import SetApprovalRule, set_approval_rule
from backoffice_api.domain.approvals.model import ApprovalKind, ApprovalStatus
from backoffice_api.domain.approvals.queries import request_list
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.ids import text
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.uow import THE_SYSTEM
from backoffice_api.domain.orders.commands.drafts import CreateOrder, create_order
from tests.identity.people import add_staff
from tests.orders.shop import euros, goods

DOCS = Path(__file__).parent.parent.parent / "docs"
FENCED = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DOCUMENTS = [
    pytest.param(document, id=f"{name}-{number}")
    for name in ("reviews", "approvals")
    for number, document in enumerate(
        FENCED.findall((DOCS / f"{name}.md").read_text(encoding="utf-8")), start=1
    )
]


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_can_be_asked(desk, document):
    world = desk.world
    review = desk.reviewed(email="x@mailinator.com", shipping_address=None)
    world.run(set_approval_rule, SetApprovalRule(kind=ApprovalKind.ORDER, limit=euros(0)))
    place = CreateOrder(channel="web", lines=(goods("MUG"),), place=True)
    world.run(create_order, place, caller=THE_SYSTEM)
    filter = Test("status", Operator.EQ, ApprovalStatus.PENDING)
    (waiting,) = world.read(request_list.page, PageRequest(filter=filter)).rows
    given = {
        "review": text("rev", review.id),
        "order": text("ord", review.order_id),
        "approval": text("apr", waiting.id),
        "me": text("stf", add_staff(world)),
    }
    wanted = set(re.findall(r"\$(\w+):", document))

    data = await world.graphql(document, **{name: given[name] for name in wanted})

    for answer in data.values():
        assert answer
        if isinstance(answer, dict):
            assert answer.get("userErrors", []) == []
