"""What workers ask again and again is answered by indexes. On both databases."""

from uuid import UUID

import pytest

from backoffice_api.domain.messages import queries as messages
from backoffice_api.domain.messages.model.topics import MessageTopic
from backoffice_api.domain.tracking import queries
from backoffice_api.domain.tracking.model.trackings import CarrierNumber
from tests.plans import all_indexed
from tests.world import NOW

NUMBERS = [CarrierNumber("usps", "N1"), CarrierNumber("ups", "N2")]
QUESTIONS = {
    "overdue": lambda db: queries.overdue(db, NOW, 10),
    "silent": lambda db: queries.silent(db, NOW, 10),
    "to_poll": lambda db: queries.to_poll(db, ["usps", "ups"], NOW, 10),
    "by_numbers": lambda db: queries.trackings_by_numbers(db, NUMBERS),
    "known_keys": lambda db: queries.known_keys(db, [UUID(int=1)], ["a", "b"]),
    "own_meanings": lambda db: queries.own_meanings(db, {("easypost", "a/b")}),
    "unknown_codes": queries.unknown_codes,
    "to_remap": lambda db: queries.events_to_remap(db, "easypost", "a", UUID(int=1), 10),
    "to_remap_head": lambda db: queries.events_to_remap(db, "easypost", "a/*", None, 10),
    "readings": lambda db: queries.readings_of(db, [UUID(int=1)]),
    "due": lambda db: messages.due_messages(db, NOW, 10),
    "abandoned": lambda db: messages.abandoned_messages(db, NOW, 10),
    "enabled": lambda db: messages.enabled_templates(db, [MessageTopic.ORDER_PLACED]),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_is_answered_by_an_index(world, name):
    engine = world.database.reading

    with all_indexed(engine, sorts=True), engine.connect() as db:
        QUESTIONS[name](db)
