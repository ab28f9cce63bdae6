"""Comments on timelines, and mentions. On both databases."""

from uuid import UUID

import pytest

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Caller
from tests.databases import count_statements
from tests.media.received import media_file
from tests.world import CLERK, caller

ADD = """
mutation ($input: CommentAddInput!, $meta: MutationMeta) {
  commentAdd(input: $input, meta: $meta) {
    comment { id body author { kind } subject { id } mentions { staffId readAt } }
    userErrors { code path } effects { kind subject { id } } replayed
  }
}
"""
EDIT = """
mutation ($id: ID!, $input: CommentEditInput!) {
  commentEdit(id: $id, input: $input) {
    comment { body editedAt mentions { staffId } } userErrors { code path }
  }
}
"""
REMOVE = """
mutation ($id: ID!) {
  commentRemove(id: $id) {
    comment { body removedAt mentions { staffId } } userErrors { code path }
  }
}
"""
MARK = """
mutation ($input: MentionsMarkReadInput!) {
  mentionsMarkRead(input: $input) { marked userErrors { code } }
}
"""
TIMELINE = """
query ($id: ID!) {
  node(id: $id) { ... on HasTimeline { timeline(first: 9) { nodes { type comment { body } } } } }
}
"""
MENTIONS = """
query ($filter: MentionFilter) {
  mentions(filter: $filter) { nodes { readAt comment { body subject { id } } } }
}
"""
COMMENTS = (
    "query ($of: ID!) { comments(subject: $of) { nodes { id body } pageInfo { hasNextPage } } }"
)


async def asked(desk, document, name, who=CLERK, **variables):
    answer = await desk.world.ask(document, caller=who, **variables)
    assert "errors" not in answer, answer
    return answer["data"][name]


async def commented(desk, subject, body="Look here.", *mentions, who=CLERK):
    staff = [ids.text("stf", each.actor.id) for each in mentions]
    given = {"subjectId": subject, "body": body, "mentions": staff}
    answer = await asked(desk, ADD, "commentAdd", who, input=given)
    assert answer["userErrors"] == []
    return answer["comment"]["id"]


@pytest.fixture
def order(desk):
    return desk.orders(1)[0]


FILES = "query ($id: ID!) { node(id: $id) { ... on Comment { attachments { id byteSize } } } }"


class TestAttachments:
    async def test_come_change_and_go_with_the_comment(self, desk, order):
        one, two = (media_file(desk.world, digit) for digit in "ab")

        async def shown(id):
            found = (await desk.world.graphql(FILES, id=id))["node"]["attachments"]
            return [each["id"] for each in found]

        async def edited(id, files):
            return await asked(desk, EDIT, "commentEdit", id=id, input={"attachmentIds": files})

        given = {"subjectId": order, "body": "As in the picture.", "attachmentIds": [two, one, two]}
        id = (await asked(desk, ADD, "commentAdd", input=given))["comment"]["id"]
        assert await shown(id) == [two, one]
        await asked(desk, EDIT, "commentEdit", id=id, input={"body": "As in this picture."})
        assert await shown(id) == [two, one]
        await edited(id, [one])
        assert await shown(id) == [one]
        nobodys = [ids.text("mfl", UUID(int=1))]
        (error,) = (await edited(id, nobodys))["userErrors"]
        assert error == {"code": "UNKNOWN_MEDIA_FILE", "path": ["input", "attachmentIds"]}
        (error,) = (await edited(id, [one] * 21))["userErrors"]
        assert error == {"code": "TOO_MANY", "path": ["input", "attachmentIds"]}
        assert await shown(id) == [one]
        await asked(desk, REMOVE, "commentRemove", id=id)
        assert await shown(id) == []


class TestCommenting:
    async def test_shows_in_its_place_in_the_timeline(self, desk, order):
        await commented(desk, order)
        await desk.world.graphql(
            "mutation ($id: ID!) { orderClose(id: $id) { replayed } }", id=order
        )

        shown = (await desk.world.graphql(TIMELINE, id=order))["node"]["timeline"]["nodes"]

        assert shown[:2] == [
            {"type": "order.closed", "comment": None},
            {"type": "comment.added", "comment": {"body": "Look here."}},
        ]

    async def test_answers_the_comment_and_what_it_is_about(self, desk, order):
        staff = ids.text("stf", desk.ana.actor.id)
        given = {"subjectId": order, "body": "Please pack it well.", "mentions": [staff, staff]}

        answer = await asked(desk, ADD, "commentAdd", input=given)

        assert answer["comment"].pop("id").startswith("cmt_")
        assert answer["comment"] == {
            "body": "Please pack it well.",
            "author": {"kind": "TOKEN"},
            "subject": {"id": order},
            "mentions": [{"staffId": staff, "readAt": None}],
        }
        assert answer["effects"] == [{"kind": "comment.added", "subject": {"id": order}}]

    async def test_is_possible_on_whatever_has_a_timeline(self, desk):
        place = ids.text("loc", desk.shop.locations[0])
        channel = ids.text("chn", desk.shop.channel_id)
        for subject in (place, channel, ids.text("stf", desk.ana.actor.id)):
            id = await commented(desk, subject)

            found = await desk.world.graphql(COMMENTS, of=subject)

            assert [each["id"] for each in found["comments"]["nodes"]] == [id]

    async def test_leaves_what_is_said_out_of_the_log(self, desk, order):
        id = await commented(desk, order, "Ana Silva has moved.")
        await asked(desk, EDIT, "commentEdit", id=id, input={"body": "Bea Souza has moved."})

        assert desk.events("comment") == ["comment.added", "comment.edited"]
        assert "moved" not in desk.logged()

    @pytest.mark.parametrize(
        ("wrong", "code", "path"),
        [
            ({"body": " "}, "INVALID_TEXT", ["body"]),
            ({"body": "x" * 5_001}, "INVALID_TEXT", ["body"]),
            ({"subjectId": "ord_" + "0" * 32}, "UNKNOWN_SUBJECT", ["subjectId"]),
            ({"subjectId": "nonsense"}, "UNKNOWN_SUBJECT", ["subjectId"]),
            ({"subjectId": "evt_" + "0" * 32}, "UNKNOWN_SUBJECT", ["subjectId"]),
            ({"mentions": ["stf_" + "9" * 32]}, "UNKNOWN_COLLEAGUE", ["staffIds", "0"]),
        ],
    )
    async def test_is_refused_with_a_reason(self, desk, order, wrong, code, path):
        given = {"subjectId": order, "body": "Look.", **wrong}

        answer = await asked(desk, ADD, "commentAdd", input=given)

        assert answer["userErrors"] == [{"code": code, "path": ["input", *path]}]
        assert desk.events("comment") == []

    async def test_takes_the_right_to_see_what_it_is_about(self, desk, order):
        given = {"subjectId": order, "body": "Look."}
        who = caller(Scope.COMMENTS_WRITE, Scope.COMMENTS_READ)

        answer = await asked(desk, ADD, "commentAdd", who, input=given)

        assert [each["code"] for each in answer["userErrors"]] == ["UNKNOWN_SUBJECT"]
        assert (await desk.world.ask(ADD, caller=caller(Scope.COMMENTS_READ), input=given))[
            "errors"
        ][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_twice_under_one_key_is_one_comment(self, desk, order):
        given = {"subjectId": order, "body": "Look."}
        answers = [
            await asked(desk, ADD, "commentAdd", input=given, meta={"idempotencyKey": "k"})
            for _ in range(2)
        ]

        assert [each["replayed"] for each in answers] == [False, True]
        assert desk.events("comment") == ["comment.added"]


class TestChanging:
    async def test_changes_what_is_given(self, desk, order):
        id = await commented(desk, order, "Look.", desk.ana)
        bea = ids.text("stf", desk.bea.actor.id)

        answer = await asked(
            desk, EDIT, "commentEdit", id=id, input={"body": "See.", "mentions": [bea]}
        )

        assert answer["comment"] == {
            "body": "See.",
            "editedAt": answer["comment"]["editedAt"],
            "mentions": [{"staffId": bea}],
        }
        assert answer["comment"]["editedAt"] is not None

    async def test_is_for_who_wrote_it(self, desk, order):
        id = await commented(desk, order)
        other = Caller(desk.ana.actor, ALL_SCOPES - {Scope.ACCESS_WRITE})

        for document, name, given in (
            (EDIT, "commentEdit", {"input": {"body": "x"}}),
            (REMOVE, "commentRemove", {}),
        ):
            answer = await asked(desk, document, name, other, id=id, **given)
            assert [each["code"] for each in answer["userErrors"]] == ["NOT_YOUR_COMMENT"]

    async def test_removes_what_it_says_and_whom_it_mentions(self, desk, order):
        id = await commented(desk, order, "Look.", desk.ana)

        answer = await asked(desk, REMOVE, "commentRemove", desk.bea, id=id)

        assert answer["comment"]["body"] is None
        assert answer["comment"]["removedAt"] is not None
        assert answer["comment"]["mentions"] == []
        again = await asked(desk, EDIT, "commentEdit", id=id, input={"body": "x"})
        assert [each["code"] for each in again["userErrors"]] == ["COMMENT_IS_REMOVED"]
        desk.assert_sound()


class TestReading:
    async def test_is_not_for_who_may_not_see_what_it_is_about(self, desk, order):
        id = await commented(desk, order)
        somebody = caller(Scope.COMMENTS_READ, Scope.EVENTS_READ)
        document = (
            "query ($id: ID!, $of: ID!) { node(id: $id) { id } "
            "comments(subject: $of) { nodes { id } } "
            'eventLog(filter: {type: {eq: "comment.added"}}) { nodes { comment { body } } } }'
        )

        answer = await desk.world.ask(document, caller=somebody, id=id, of=order)

        assert answer["data"] == {
            "node": None,
            "comments": {"nodes": []},
            "eventLog": {"nodes": [{"comment": None}]},
        }

    async def test_takes_as_many_statements_for_many_as_for_few(self, desk, order):
        counted = []
        for many in (1, 4):
            for _ in range(many):
                await commented(desk, order)
            with count_statements(desk.world.database) as statements:
                await desk.world.graphql(TIMELINE, id=order)
            counted.append(len([each for each in statements if each.startswith("SELECT")]))

        assert counted == [3, 3]


class TestMentions:
    async def test_are_listed_for_whom_they_are_of(self, desk, order):
        await commented(desk, order, "Ana?", desk.ana)
        await commented(desk, order, "Bea?", desk.bea)

        found = await asked(desk, MENTIONS, "mentions", desk.ana)

        assert found["nodes"] == [
            {"readAt": None, "comment": {"body": "Ana?", "subject": {"id": order}}}
        ]
        assert (await asked(desk, MENTIONS, "mentions"))["nodes"] == []

    async def test_can_be_marked_as_read(self, desk, order):
        first = await commented(desk, order, "1", desk.ana)
        await commented(desk, order, "2", desk.ana, desk.bea)

        marked = await asked(
            desk, MARK, "mentionsMarkRead", desk.ana, input={"commentIds": [first]}
        )

        assert marked == {"marked": 1, "userErrors": []}
        unread = await asked(desk, MENTIONS, "mentions", desk.ana, filter={"isRead": False})
        assert [each["comment"]["body"] for each in unread["nodes"]] == ["2"]
        rest = await asked(desk, MARK, "mentionsMarkRead", desk.ana, input={})
        assert rest["marked"] == 1
        others = await asked(desk, MENTIONS, "mentions", desk.bea, filter={"isRead": False})
        assert len(others["nodes"]) == 1
