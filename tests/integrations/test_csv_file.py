"""Reading CSV files as they are. No database."""

import gzip
import hashlib

import pytest

from backoffice_api.adapters.csv_file import LINE_LENGTH_MAX, CsvFile, CsvRow, UnreadableFile


def rows_of(path):
    with CsvFile(path) as file:
        return [(row.line, row.fields) for row in file.rows()]


@pytest.fixture
def write(tmp_path):
    def write(content: bytes, name="file.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


class TestRows:
    def test_are_told_with_the_line_on_which_they_begin(self, write):
        path = write(b'a,b\n"1\n2",3\n\n4,5\n')

        assert rows_of(path) == [(1, ["a", "b"]), (2, ["1\n2", "3"]), (5, ["4", "5"])]

    def test_are_the_same_gzipped(self, write):
        path = write(gzip.compress(b"a,b\n1,2\n"), "without-a-hint")

        assert rows_of(path) == [(1, ["a", "b"]), (2, ["1", "2"])]

    def test_lack_the_mark_that_spreadsheets_put_in_front(self, write):
        assert rows_of(write(b"\xef\xbb\xbfa\r\n1\r\n")) == [(1, ["a"]), (2, ["1"])]

    def test_show_bytes_that_are_no_text(self, write):
        assert rows_of(write(b"caf\xe9\n")) == [(1, ["caf\udce9"])]

    def test_keep_nul(self, write):
        assert rows_of(write(b"a\0b\n")) == [(1, ["a\0b"])]

    def test_come_after_a_quote_that_never_ends(self, write):
        path = write(b"a\n" + b'"' + b"x" * 200_000 + b"\n1\n")

        assert rows_of(path) == [(1, ["a"]), (2, None), (3, ["1"])]

    def test_are_cut_where_a_line_does_not_end(self, write):
        path = write(b"1," * LINE_LENGTH_MAX)

        assert [len(fields) for _, fields in rows_of(path)] == [
            LINE_LENGTH_MAX // 2 + 1,
            LINE_LENGTH_MAX // 2 + 1,
        ]

    def test_of_an_empty_file_are_none(self, write):
        assert rows_of(write(b"")) == []

    @pytest.mark.parametrize("kept", [11, 30, 1_000])
    def test_end_with_a_fault_where_the_archive_breaks_off(self, write, kept):
        path = write(gzip.compress(b"".join(b"%d\n" % n for n in range(5_000)))[:kept])

        with pytest.raises(UnreadableFile) as refusal:
            rows_of(path)

        assert refusal.value.file == "file.csv"

    def test_end_with_a_fault_where_the_archive_is_damaged(self, write):
        content = bytearray(gzip.compress(b"".join(b"%d\n" % n for n in range(5_000))))
        content[500:510] = b"\xff" * 10

        with pytest.raises(UnreadableFile):
            rows_of(write(bytes(content)))


class TestCsvFile:
    def test_tells_how_much_of_it_was_read(self, write):
        with CsvFile(write(b"a\n1\n")) as file:
            before = file.position, file.size
            assert next(file.rows()) == CsvRow(1, ["a"])
            after = file.position

        assert (before, after) == ((0, 4), 4)

    def test_has_the_digest_of_its_bytes_as_fingerprint(self, write):
        content = gzip.compress(b"a\n")

        with CsvFile(write(content)) as file:
            fingerprint = file.fingerprint()
            rows = list(file.rows())

        assert fingerprint == hashlib.sha256(content).hexdigest()
        assert rows == [CsvRow(1, ["a"])]

    def test_says_when_there_is_none(self, tmp_path):
        with pytest.raises(UnreadableFile) as refusal, CsvFile(tmp_path / "none.csv"):
            pass

        assert str(refusal.value) == "none.csv: No such file or directory"
