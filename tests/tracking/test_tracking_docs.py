"""The documents in `docs/tracking.md` and `docs/messages.md` can be asked, and are answered."""

import re
from pathlib import Path

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.messages.model.topics import MessageTopic
from tests.messages.post import Post
from tests.tracking.hall import told

DOCS = Path(__file__).parent.parent.parent / "docs"
FENCED = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DOCUMENTS = [
    pytest.param(text, id=f"{name}-{number}")
    for name in ("tracking", "messages")
    for number, text in enumerate(
        FENCED.findall((DOCS / f"{name}.md").read_text(encoding="utf-8")), start=1
    )
]


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_can_be_asked(hall, document):
    post = Post(hall.world)
    post.template(MessageTopic.ORDER_SHIPPED)
    given = {
        "order": ids.text("ord", post.place()),
        "template": ids.text("mtp", post.template(on=False)),
    }
    hall.record(told("in_transit/held"), told("odd/x"))
    # What stands in a text of it is of another document.
    wanted = set(re.findall(r"\$(\w+):", document.partition("{")[0]))

    data = await hall.world.graphql(document, **{name: given[name] for name in wanted})

    for answer in data.values():
        assert answer
        if isinstance(answer, dict):
            assert answer.get("userErrors", []) == []
