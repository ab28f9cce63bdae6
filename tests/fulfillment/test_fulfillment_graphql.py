"""Fulfillment over GraphQL, from the order to the door, on both databases."""

SET = """
mutation {
  calendarSet(input: {
    code: "default", name: "Week", timeZone: "America/Sao_Paulo", weekdays: [1, 2, 3, 4, 5],
    cutOff: 840, holidays: [{day: "2025-03-03", name: "Carnival"}]
  }) { calendar { id code weekdays holidays { day name } } userErrors { code } }
}
"""


class TestSettings:
    async def test_set_a_calendar(self, hall):
        answer = (await hall.world.graphql(SET))["calendarSet"]

        assert answer["userErrors"] == []
        assert answer["calendar"]["holidays"] == [{"day": "2025-03-03", "name": "Carnival"}]
