"""What SQLite's planner knows."""

from pathlib import Path

from sqlalchemy import text

from backoffice_api.domain.kernel import upkeep
from backoffice_api.domain.kernel.database import open_database
from backoffice_api.migrate import migrate
from tests.world import World

ASKED = text(
    "EXPLAIN QUERY PLAN SELECT id FROM stock_levels "
    "WHERE bucket = 'sellable' AND variant_id IN (x'01', x'02', x'03')"
)


def leads_by_keys(plan: list[str]) -> bool:
    """Whether the levels are found by their variants."""
    return len(plan) == 1 and plan[0].endswith("(variant_id=?)")


class TestStatistics:
    def test_lead_by_keys_before_there_are_rows(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/new.db"
        migrate(url)
        database = open_database(url)
        with database.reading.connect() as db:
            assert leads_by_keys([row[3] for row in db.execute(ASKED)])
        database.dispose()

    def test_are_refreshed_by_a_job(self, world: World) -> None:
        world.run(upkeep.refresh, upkeep.RefreshStatistics())
        if world.database.dialect == "sqlite":
            with world.database.reading.connect() as db:
                kinds = "SELECT stat FROM sqlite_stat1 WHERE idx LIKE 'ix_stock_locations_kind%'"
                assert db.scalar(text(kinds)) != "1048576 131072 10 10"
                assert leads_by_keys([row[3] for row in db.execute(ASKED)])
