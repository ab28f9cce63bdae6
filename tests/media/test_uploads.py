"""Uploading over HTTP, and being served."""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from backoffice_api.adapters.storage_local import LocalStorage
from backoffice_api.domain.kernel.jobs import jobs
from backoffice_api.domain.media import queries
from backoffice_api.domain.media.commands.files import (
    REMOVE_JOB,
    DoomUnusedFiles,
    doom_unused_files,
)
from backoffice_api.domain.media.model import UPLOAD_BYTES_MAX, FileStatus
from backoffice_api.domain.media.tables import media_files
from backoffice_api.tasks.media import RemoveFiles
from backoffice_api.web.access_log import AccessLog
from backoffice_api.web.headers import SecurityHeaders
from backoffice_api.web.media import Media
from tests.media.pictures import CANARY, picture, with_exif
from tests.products.documents import done, make, one
from tests.world import NOW, World

LEAVE = """mutation ($size: Int!, $meta: MutationMeta) {
    mediaUploadCreate(input: {byteSize: $size}, meta: $meta) {
        upload { id expiresAt file { hash } } path replayed
        userErrors { code path } effects { kind } } }"""
ADD = """mutation ($id: ID!, $input: ProductAddMediaInput!) {
    productAddMedia(id: $id, input: $input) { product { media { id } } userErrors { code } } }"""


class Office:
    """A server with `/uploads` and `/media`, whose clock stands until it is moved."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.now: datetime = NOW
        self.storage = LocalStorage(folder)
        self.media = Media(world.database, world.threads, self.storage, now=lambda: self.now)
        app = AccessLog(SecurityHeaders(Starlette(routes=self.media.routes())))
        self.client = TestClient(app)

    async def leave(self) -> str:
        path: str = (await done(self.world, LEAVE, size=1))["path"]
        # The leave was given by the clock of the machine, and ends by that of the office.
        self.now = datetime.now(NOW.tzinfo)
        return path

    async def upload(self, content: bytes) -> httpx2.Response:
        return self.client.put(await self.leave(), content=content)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def office(world: World, tmp_path: Path) -> Iterator[Office]:
    found = Office(world, tmp_path / "media")
    yield found
    found.media.close()


def codes(answer: httpx2.Response) -> list[str]:
    return [each["extensions"]["code"] for each in answer.json()["errors"]]


class TestMediaUploadCreate:
    async def test_shows_the_path_once(self, world: World) -> None:
        first = await done(world, LEAVE, size=5, meta={"idempotencyKey": "k"})
        again = await done(world, LEAVE, size=5, meta={"idempotencyKey": "k"})

        assert first["path"].startswith("/uploads/")
        assert len(first["path"]) == len("/uploads/") + 64
        assert (again["path"], again["upload"], again["replayed"]) == (None, first["upload"], True)

    @pytest.mark.parametrize("size", [0, UPLOAD_BYTES_MAX + 1])
    async def test_refuses_what_is_too_large(self, world: World, size: int) -> None:
        answer = await one(world, LEAVE, size=size)

        assert [each["code"] for each in answer["userErrors"]] == ["OUT_OF_RANGE"]


class TestUpload:
    async def test_keeps_the_cleaned_file_once(self, office: Office) -> None:
        first = await office.upload(with_exif("PNG"))
        second = await office.upload(picture("PNG"))

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json()["fileId"] == second.json()["fileId"]
        assert first.json()["uploadId"] != second.json()["uploadId"]
        (name,) = office.files()
        assert first.json()["url"] == f"/media/{name}"
        assert first.headers["cache-control"] == "no-store"

    async def test_is_done_once_and_in_time(self, office: Office) -> None:
        path = await office.leave()
        assert office.client.put(path, content=picture()).status_code == 201
        late = await office.leave()
        office.now += timedelta(hours=2)

        answers = [
            office.client.put(path, content=picture()),
            office.client.put(late, content=picture()),
            office.client.put("/uploads/" + "0" * 64, content=picture()),
            office.client.put("/uploads/../../etc/passwd", content=picture()),
            office.client.put("/uploads/x", content=picture()),
        ]

        assert [each.status_code for each in answers] == [404] * 5

    async def test_can_be_tried_again_after_a_bad_file(self, office: Office) -> None:
        path = await office.leave()

        bad = office.client.put(path, content=b"<svg/>")
        good = office.client.put(path, content=picture())

        assert (bad.status_code, codes(bad), good.status_code) == (422, ["BAD_USER_INPUT"], 201)

    async def test_is_bounded_whatever_its_length_says(self, office: Office) -> None:
        path = await office.leave()
        taken = 0

        def endless() -> Iterator[bytes]:
            nonlocal taken
            while taken < 2 * UPLOAD_BYTES_MAX:
                taken += 1_000_000
                yield b"\0" * 1_000_000

        said = office.client.put(path, content=b"x", headers={"content-length": str(10**9)})
        unsaid = office.client.put(path, content=endless())
        packed = office.client.put(path, content=b"x", headers={"content-encoding": "gzip"})

        assert [each.status_code for each in (said, unsaid, packed)] == [413, 413, 415]
        assert office.files() == []

    async def test_leaves_no_secret_in_the_log(self, office: Office) -> None:
        path = await office.leave()
        with capture_logs() as lines:
            office.client.put(path, content=picture())

        assert path.removeprefix("/uploads/") not in repr(lines)
        assert [each["path"] for each in lines if each["event"] == "request"] == ["/uploads/***"]

    async def test_of_a_full_disk_is_refused_and_can_be_repeated(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = await office.leave()

        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device", "/secret/place")

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            answer = office.client.put(path, content=picture())
        again = office.client.put(path, content=picture())

        assert (answer.status_code, codes(answer)) == (503, ["UNAVAILABLE"])
        assert "secret" not in answer.text
        assert again.status_code == 201


class TestMedia:
    async def test_are_served_for_ever_and_run_nothing(self, office: Office) -> None:
        url = (await office.upload(with_exif("JPEG"))).json()["url"]

        answer = office.client.get(url)

        assert answer.status_code == 200
        assert hashlib.sha256(answer.content).hexdigest() in url
        assert CANARY not in answer.content
        shown = {name: answer.headers[name] for name in ("content-type", "cache-control")}
        assert shown == {
            "content-type": "image/jpeg",
            "cache-control": "public, max-age=31536000, immutable",
        }
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["content-length"] == str(len(answer.content))
        tag = {"if-none-match": answer.headers["etag"]}
        assert office.client.get(url, headers=tag).status_code == 304
        assert office.client.head(url).content == b""

    async def test_that_are_papers_are_downloads(self, office: Office) -> None:
        url = (await office.upload(b"%PDF-1.7 <script>")).json()["url"]

        answer = office.client.get(url)

        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == "attachment"

    @pytest.mark.parametrize(
        "name",
        ["x", "0" * 64, "0" * 64 + ".png", "0" * 64 + ".svg", "..%2f..%2fetc%2fpasswd", "%00.png"],
    )
    def test_are_nothing_else(self, office: Office, name: str) -> None:
        assert office.client.get(f"/media/{name}").status_code == 404

    def test_cannot_be_put_there(self, office: Office) -> None:
        name = "0" * 64 + ".png"

        assert office.client.put(f"/media/{name}", content=b"x").status_code == 405
        assert office.client.get("/uploads/" + "0" * 64).status_code == 405


class TestUnusedFiles:
    async def test_are_removed_after_a_day(self, office: Office) -> None:
        world = office.world
        used = (await office.upload(picture("PNG"))).json()
        unused = (await office.upload(picture("WEBP"))).json()
        product = (await make(world))["id"]
        await done(world, ADD, id=product, input={"fileId": used["fileId"]})

        early = world.run(doom_unused_files, DoomUnusedFiles(), now=office.now).value
        late = office.now + timedelta(days=2)
        doomed = world.run(doom_unused_files, DoomUnusedFiles(), now=late).value
        kinds = world.read(lambda db: db.execute(select(jobs.c.kind)).scalars().all())
        RemoveFiles(world.database, office.storage)(late, "job")

        assert (early, doomed) == (0, 1)
        assert REMOVE_JOB in kinds
        assert office.files() == [used["url"].removeprefix("/media/")]
        assert office.client.get(unused["url"]).status_code == 404
        left = world.read(lambda db: queries.doomed_files(db, 10))
        assert left == []

    async def test_that_are_doomed_are_neither_shown_nor_received(self, office: Office) -> None:
        world = office.world
        sent = (await office.upload(picture("PNG"))).json()
        product = (await make(world))["id"]
        with world.database.writing.begin() as db:
            db.execute(update(media_files).values(status=FileStatus.DOOMED))

        shown = await one(world, ADD, id=product, input={"fileId": sent["fileId"]})
        again = await office.upload(picture("PNG"))

        assert [each["code"] for each in shown["userErrors"]] == ["UNKNOWN_MEDIA_FILE"]
        assert (again.status_code, again.headers["retry-after"]) == (503, "5")
