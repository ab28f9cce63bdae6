"""Whether the time that a wrong password takes tells who works here.

    python -m bench.login_times [--pairs 200]

Known and unknown addresses try wrong passwords, in an order drawn by chance, one at a time. The
figure is the AUC: how often a try for a known address took longer than one for an unknown address.
0.5 is a guess; from 0.35 to 0.65 nothing is to be learnt with so many tries, and no account or
address of the network has more of them. Ends with 1 outside of that, or where answers differ.
"""

import http.client
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import orjson

from backoffice_api.domain.identity.commands.tries import PER_ACCOUNT_MAX
from backoffice_api.domain.kernel.database import open_database
from bench.server import HOST, PROGRAM, Server, environment_for, free_port, running
from tests.databases import BACKENDS, PostgresCopies, SqliteCopies
from tests.run import new_run
from tests.serving import new_token

AUC_MIN, AUC_MAX = 0.35, 0.65
_PASSWORD = "a sentence that nobody guesses"
_TRIES_PER_ACCOUNT = PER_ACCOUNT_MAX - 2
_CREATE = """mutation ($name: String!, $email: String!, $password: Secret!) {
  staffCreate(input: {name: $name, email: $email, password: $password}) { userErrors { code } }
}"""


def auc(longer: Sequence[float], shorter: Sequence[float]) -> float:
    """How often one of the first is larger than one of the others; ties count half."""
    wins = sum((a > b) + (a == b) / 2 for a in longer for b in shorter)
    return wins / (len(longer) * len(shorter))


class Door:
    """Signs in over one connection, each time from another address of the network."""

    def __init__(self, server: Server) -> None:
        self._http = http.client.HTTPConnection(HOST, server.port, timeout=60)
        self._tries = 0

    def knock(self, email: str) -> tuple[float, tuple[int, bytes]]:
        """How long a wrong password took, in seconds, and what was answered."""
        self._tries += 1
        address = f"203.0.{self._tries // 250}.{self._tries % 250 + 1}"
        headers = {"Content-Type": "application/json", "X-Forwarded-For": address}
        body = orjson.dumps({"email": email, "password": "a wrong sentence altogether"})
        begun_s = time.perf_counter()
        self._http.request("POST", "/login", body, headers)
        answer = self._http.getresponse()
        said = answer.read()
        return time.perf_counter() - begun_s, (answer.status, said)


def tries(pairs: int) -> Iterator[tuple[bool, str]]:
    """Whether the address is known, and the address: as many of both, drawn by a fixed seed."""
    wanted = [
        (is_known, f"{'known' if is_known else 'other'}{number // _TRIES_PER_ACCOUNT}@example.com")
        for is_known in (True, False)
        for number in range(pairs)
    ]
    random.Random(9).shuffle(wanted)
    yield from wanted


def measure(server: Server, pairs: int) -> tuple[float, int]:
    """The AUC, and how many different answers there were."""
    for number in range(-(-pairs // _TRIES_PER_ACCOUNT)):
        email = f"known{number}@example.com"
        server.ask(_CREATE, {"name": "Ana", "email": email, "password": _PASSWORD})
    door, times = Door(server), dict[bool, list[float]]({True: [], False: []})
    for _ in range(20):
        door.knock("nobody@example.com")
    answers = set()
    for is_known, email in tries(pairs):
        taken_s, answer = door.knock(email)
        times[is_known].append(taken_s)
        answers.add(answer)
    return auc(times[True], times[False]), len(answers)


@click.command()
@click.option("--pairs", default=200, show_default=True, type=click.IntRange(10, 10_000))
def main(pairs: int) -> None:
    """Try wrong passwords, and say whether the time tells anything."""
    is_well = True
    with new_run() as run, tempfile.TemporaryDirectory() as folder:
        for backend in BACKENDS:
            copies = SqliteCopies(run) if backend == "sqlite" else PostgresCopies(run)
            url, port = copies.migrated(), free_port()
            database = open_database(url)
            token = new_token(database)
            database.dispose()
            environment = {
                **environment_for(url),
                "BACKOFFICE_HOST": HOST,
                "BACKOFFICE_PORT": str(port),
                "BACKOFFICE_LOG_LEVEL": "error",
                "BACKOFFICE_TRUSTED_PROXIES": HOST,
            }
            command = (sys.executable, "-m", *PROGRAM, "serve")
            log = Path(folder) / "server.log"
            with running(command, environment, log, port, token) as server:
                found, answers = measure(server, pairs)
            copies.close()
            holds = AUC_MIN <= found <= AUC_MAX and answers == 1
            click.echo(
                f"{'holds ' if holds else 'BROKEN'}  {backend:<10} AUC {found:.3f} over {pairs}"
                f" pairs, {answers} different answers"
            )
            is_well = is_well and holds
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
