"""The inside of a process that draws: data at its input, the file at its output."""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

Sheet = Mapping[str, Any]


class Refused(Exception):
    """The data does not make such a document; the message says what is missing."""


def answer(draw: Callable[..., bytes]) -> None:
    """Draw what is given and end. A refusal is one line at the error output.

    `draw` takes the sheets and the title, and by their names the secrets that were handed over.
    """
    given = json.load(sys.stdin.buffer)
    try:
        content = draw(given["sheets"], given["title"], **given["secrets"])
    except Refused as refusal:
        sys.exit(str(refusal))
    sys.stdout.buffer.write(content)
