"""Many who tell of one parcel at once, and many workers who send one message. Both databases."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from backoffice_api.domain.tracking.commands.recording import RecordTracking, record_tracking
from backoffice_api.tasks.messages import SendMessages
from tests.messages.post import Post, Script
from tests.tracking.hall import told
from tests.world import NOW

WRITERS = 4


def all_at_once(world, jobs):
    with ThreadPoolExecutor(2 if world.database.dialect == "sqlite" else WRITERS) as writers:
        return list(writers.map(lambda job: job(), jobs))


class TestRecording:
    def test_at_once_counts_each_event_once(self, hall):
        drafts = [
            told(code, -hours, number)
            for number in ("N1", "N2")
            for hours, code in enumerate(("in_transit/held", "in_transit/x", "delivered/x"), 1)
        ]
        random = Random(7)

        def record():
            some = tuple(random.sample(drafts, k=4))
            hall.world.run(record_tracking, RecordTracking(events=some))

        all_at_once(hall.world, [record] * 24)
        hall.record(*drafts)

        for number in ("N1", "N2"):
            found = hall.tracking(number)
            assert (found.state, found.event_count) == ("delivered", 3)
        assert hall.broken() == []


class TestSending:
    @pytest.fixture
    def post(self, world):
        return Post(world)

    def test_at_once_hands_each_message_over_once(self, post):
        post.template()
        for _ in range(6):
            post.place()
        post.follow()
        script = Script()
        workers = [SendMessages(post.world.database, script, lambda: NOW)] * 4

        all_at_once(post.world, workers)

        assert sorted(each.key for each in script.mails) == sorted(
            each.mail_key for each in post.messages()
        )
        assert {each.status for each in post.messages()} == {"sent"}

    def test_follows_the_log_once_with_several_at_it(self, post):
        post.template()
        for _ in range(3):
            post.place()
        post.world.settle()

        made = all_at_once(post.world, [post.follow] * 4)

        assert sum(made) == 3
        assert len(post.messages()) == 3
