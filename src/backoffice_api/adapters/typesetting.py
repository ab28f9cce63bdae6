"""PDF by typst, in a process of its own: a template that never ends is stopped, and costs no more.

Typst knows no time-out. The process is given the data as JSON, reads nothing but the templates,
uses only the fonts that typst brings, and takes the day of the document for its date: so the same
data comes to the same bytes.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

ERROR_SHOWN_MAX = 1_000


class TypesettingError(Exception):
    """The document could not be set; the message says why."""


def typeset(data: Mapping[str, Any], *, timeout_s: float, standard: str | None = None) -> bytes:
    """The PDF of `data`, as `documents.typ` takes it. `standard`: `a-3b` where XML is attached.

    Raises:
        TypesettingError: typst refuses, is not installed, or takes longer than `timeout_s`.
    """
    given = json.dumps({"data": data, "standard": standard}).encode()
    command = [sys.executable, "-I", "-m", "backoffice_api.adapters.typesetting_process"]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=given, capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise TypesettingError(f"It took longer than {timeout_s:g} s.") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-ERROR_SHOWN_MAX:]
        raise TypesettingError(said or f"It ended with {done.returncode}.")
    return done.stdout
