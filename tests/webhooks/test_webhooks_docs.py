"""What `docs/webhooks.md` shows can be asked; what it has receivers do, verifies our signatures."""

import re
from pathlib import Path
from typing import Any

from backoffice_api.domain.kernel import ids
from tests.webhooks.room import Room

PAGE = (Path(__file__).parent.parent.parent / "docs" / "webhooks.md").read_text(encoding="utf-8")


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


class TestThePage:
    async def test_shows_what_can_be_asked(self, room, consumer):
        made = room.hook(consumer.url)
        given = {"webhook": ids.text("whk", made.id), "sequence": "0", "key": "k"}

        for document in fenced("graphql"):
            wanted = set(re.findall(r"\$(\w+):", document.split("{")[0]))
            variables = {name: given[name] for name in wanted}
            for answer in (await room.world.graphql(document, **variables)).values():
                assert answer.get("userErrors", []) == []

    async def test_verifies_what_is_sent_and_nothing_else(self, room: Room, consumer):
        (code,) = fenced("python")
        there: dict[str, Any] = {}
        exec(code, there)
        made = room.hook(consumer.url)
        room.customer()
        await room.send(room.dispatcher(consumer))
        (sent,) = consumer.received
        assert made.secret is not None
        secret, now = made.secret.reveal(), room.now.timestamp()

        def judged(headers: Any = None, body: bytes = sent.body, now: float = now) -> bool:
            verdict: bool = there["verified"](secret, headers or sent.headers, body, now)
            return verdict

        assert judged()
        assert not judged(body=sent.body + b" ")
        assert not judged(now=now + 301)
        assert not judged({**sent.headers, "webhook-id": "whd_other"})
