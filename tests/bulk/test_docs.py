"""The worked example of docs/bulk.md runs as it is written. On both databases."""

import re
from pathlib import Path

from tests.bulk.desk import table

TEXT = (Path(__file__).parents[2] / "docs" / "bulk.md").read_text()
UPLOAD, IMPORT, SHOW, DOWNLOAD, EXPORT = re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL)
(FILE,) = re.findall(r"```csv\n(.*?)```", TEXT, re.DOTALL)


async def test_the_example_runs_as_it_is_written(desk):
    announced = (await desk.world.graphql(UPLOAD))["bulkUploadCreate"]
    assert desk.client.put(announced["path"], content=FILE).status_code == 201
    asked = await desk.world.graphql(IMPORT, file=announced["file"]["id"])
    id = asked["bulkImportCreate"]["bulkImport"]["id"]
    desk.work()

    shown = (await desk.world.graphql(SHOW, id=id))["bulkImport"]
    download = (await desk.world.graphql(DOWNLOAD, id=id))["bulkImportDownload"]
    exported = (await desk.world.graphql(EXPORT))["bulkExportCreate"]

    assert (shown["status"], shown["rowsCreated"], shown["rowsRejected"]) == ("FINISHED", 1, 1)
    assert [each["code"] for each in shown["remarks"]] == ["NOT_A_DECIMAL"]
    failed = table(desk.client.get(download["path"]).content)
    assert [each["Variant SKU"] for each in failed] == ["CUP"]
    assert exported["userErrors"] == []
