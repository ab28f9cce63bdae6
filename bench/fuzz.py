"""What reads bytes of strangers, fed with bent bytes for a while, guided by coverage (atheris).

    python -m bench.fuzz [--seconds 60] [--only mt940]

A reader may refuse what it is given, in its own words. Any other exception, more than 100 ms of
processor time or more than 1 GB for one input is a fault: its bytes are kept and shown, and the
command ends with 1. What was found is turned into a test of the reader.

atheris runs on Linux, and is no part of the development environment: `uv run --with atheris …`.
"""

import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson

CPU_MAX_S = 0.1
INPUT_BYTES_MAX = 16_384
MEMORY_MAX_MB = 1_024
_FOUND = "slowest.json"


@dataclass(frozen=True, slots=True)
class Target:
    """What is called, how it may refuse, and right inputs to begin with."""

    call: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]
    seeds: Sequence[bytes]


def words() -> Mapping[str, Target]:
    """Short texts: cursors, ids, scalars, signatures."""
    from datetime import UTC, datetime
    from uuid import UUID

    from graphql import GraphQLError

    from backoffice_api.adapters import signatures
    from backoffice_api.domain.kernel import ids
    from backoffice_api.domain.kernel.errors import DomainError
    from backoffice_api.domain.kernel.pages import Cursors, Position
    from backoffice_api.schema import scalars

    now = datetime(2026, 3, 1, tzinfo=UTC)
    cursors = Cursors(b"a secret of the fuzzer")
    cursor = cursors.seal(Position("number", 7, UUID(int=7)))
    signed = signatures.sign("secret", b"body", now)

    def of_text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
        return lambda data: parse(data.decode("utf-8", "replace"))

    def is_signed(data: bytes) -> None:
        header, _, body = data.decode("latin-1").partition("\n")
        signatures.is_signed("secret", header, body.encode("latin-1"), now)

    def scalar(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        for parse in (
            scalars._decimal,
            scalars._big_int,
            scalars._instant,
            scalars._day,
            scalars._currency,
        ):
            with suppress(GraphQLError):
                parse(text)

    return {
        "cursor": Target(
            of_text(lambda text: cursors.open(text, "number", int)),
            (DomainError,),
            [cursor.encode()],
        ),
        "id": Target(
            of_text(lambda text: ids.parse("ord", text)), (DomainError,), [b"ord_" + b"0" * 32]
        ),
        "money": Target(
            scalar, (), [b"-12.34", b"9007199254740993", b"2026-02-28", b"2026-02-28T10:00:00Z"]
        ),
        "signature": Target(is_signed, (), [signed.encode() + b"\nbody"]),
    }


def requests() -> Mapping[str, Target]:
    """Bodies of requests, and mails."""
    from backoffice_api.adapters.mail_parsing import read_mail
    from backoffice_api.domain.mailboxes.model.letters import UnreadableError
    from backoffice_api.engine.decode import decode_body, decode_parameters
    from backoffice_api.engine.errors import RequestError
    from backoffice_api.engine.limits import Limits

    limits = Limits()
    body = b'{"query": "{ a }", "variables": {"a": [1, 2.5e3, "\\u00e9"]}, "operationName": null}'
    mail = (
        b"From: =?utf-8?q?Ana?= <ana@example.com>\r\nTo: shop@example.com\r\nSubject: Hello\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
        b"Content-Type: text/html; charset=latin-1\r\n\r\n<p>Hi</p>\r\n--x\r\n"
        b"Content-Disposition: attachment; filename*=utf-8''a%20b.txt\r\n\r\nabc\r\n--x--\r\n"
    )
    return {
        "body": Target(lambda data: decode_body(data, limits), (RequestError,), [body]),
        "parameters": Target(
            lambda data: decode_parameters(data, limits),
            (RequestError,),
            [b"query=%7Ba%7D&variables=%7B%22a%22%3A1%7D&operationName=A"],
        ),
        "mail": Target(read_mail, (UnreadableError,), [mail]),
    }


def files() -> Mapping[str, Target]:
    """Files of banks and of tax offices."""
    from backoffice_api.adapters.bill_xml.reading import PDF_BEGINNING, read_bill
    from backoffice_api.adapters.payment_files.returns import read_return
    from backoffice_api.adapters.statements.reading import read_statements, unpacked
    from backoffice_api.domain.banking.model.files import StatementFormat
    from backoffice_api.domain.kernel.errors import DomainError
    from tests.banking import files as samples
    from tests.banking.test_statement_files import TABLE
    from tests.payables import bill_samples, test_payment_files

    def statement(format: StatementFormat) -> Callable[[bytes], object]:
        mapping = TABLE if format is StatementFormat.CSV else None
        return lambda data: read_statements(data, format, mapping)

    def bill(data: bytes) -> object:
        # Files in PDF are read in a process of their own.
        return None if data.startswith(PDF_BEGINNING) else read_bill(data)

    def text(value: Any) -> bytes:
        return value if isinstance(value, bytes) else value.encode()

    refusals = (DomainError,)
    returned = [
        test_payment_files._return("00", "BDAN").encode(),
        test_payment_files._report("PART", ("A-1", "ACSC", "X"), ("A-2", "RJCT", "AC04")),
    ]
    bills = [bill_samples.ubl_bill(), bill_samples.cii_bill(), bill_samples.nfe_bill()]
    begun = {
        StatementFormat.OFX: [text(samples.OFX_1), text(samples.OFX_2)],
        StatementFormat.CAMT: [samples.camt()],
        StatementFormat.MT940: [text(samples.MT940)],
        StatementFormat.CNAB240: [samples.cnab()],
        StatementFormat.CSV: [text(samples.CSV)],
    }
    return {
        **{each.value: Target(statement(each), refusals, seeds) for each, seeds in begun.items()},
        "packed": Target(
            lambda data: unpacked(data.decode("latin-1")),
            refusals,
            [samples.packed(b"abc").encode(), samples.packed(b"abc", is_zipped=True).encode()],
        ),
        "bill": Target(bill, refusals, bills),
        "bank-return": Target(read_return, refusals, returned),
    }


NAMES = (
    *("cursor", "id", "money", "signature", "body", "parameters", "mail"),
    *("ofx", "camt", "mt940", "cnab240", "csv", "packed", "bill", "bank-return"),
)


def fuzz(name: str, seconds: int, folder: Path) -> None:
    """Feed one reader in this process, which ends with it."""
    import atheris

    with atheris.instrument_imports(include=["backoffice_api", "mt940", "email"]):
        target = {**words(), **requests(), **files()}[name]
    # As a server does; tests turn it off when they are imported.
    gc.collect()
    gc.freeze()
    gc.enable()
    worst_s = 0.0

    def once(data: bytes) -> None:
        nonlocal worst_s
        begun_s = time.thread_time()
        with suppress(*target.refusals):
            target.call(data)
        taken_s = time.thread_time() - begun_s
        if taken_s > worst_s:
            worst_s = taken_s
            (folder / _FOUND).write_bytes(orjson.dumps({"s": taken_s, "bytes": list(data)}))

    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(target.seeds):
        (corpus / str(number)).write_bytes(seed)
    options = (
        f"-max_total_time={seconds}",
        f"-max_len={INPUT_BYTES_MAX}",
        f"-rss_limit_mb={MEMORY_MAX_MB}",
        f"-artifact_prefix={folder}/",
        "-seed=9",
        "-timeout=10",
        "-print_final_stats=1",
    )
    atheris.Setup([sys.argv[0], *options, str(corpus)], once)
    atheris.Fuzz()


def _fed(name: str, seconds: int) -> bool:
    """Whether one reader took all, after saying so."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        command = (sys.executable, "-m", "bench.fuzz", "--seconds", str(seconds), "--here", made)
        run = subprocess.run(
            (*command, "--only", name), capture_output=True, text=True, check=False
        )
        said = run.stderr
        count = next(
            (line.split()[-1] for line in said.splitlines() if "number_of_executed_units" in line),
            "0",
        )
        slowest = folder / _FOUND
        worst: dict[str, Any] = {"s": 0.0, "bytes": []}
        if slowest.exists():
            worst = orjson.loads(slowest.read_bytes())
        is_well = run.returncode == 0 and worst["s"] <= CPU_MAX_S
        mark = "holds " if is_well else "BROKEN"
        click.echo(
            f"{mark}  {name:<12} {int(count):>10,} inputs, {worst['s'] * 1_000:6.1f} ms at most"
        )
        if run.returncode:
            click.echo(said[-3_000:])
            for file in folder.glob("crash-*"):
                click.echo(f"{file.read_bytes()!r:.2000}")
        elif not is_well:
            click.echo(f"{bytes(worst['bytes'])!r:.2000}")
    return is_well


@click.command()
@click.option("--seconds", default=60, show_default=True, help="For each reader.")
@click.option("--only", "names", multiple=True, type=click.Choice(NAMES))
@click.option("--here", type=click.Path(path_type=Path), hidden=True)
def main(seconds: int, names: Sequence[str], here: Path | None) -> None:
    """Feed each reader with bent bytes, and say what came of it."""
    if here is not None:
        fuzz(names[0], seconds, here)
    fed = [_fed(name, seconds) for name in names or NAMES]
    sys.exit(not all(fed))


if __name__ == "__main__":
    main()
