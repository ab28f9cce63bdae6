"""Starts the processes that draw: what never ends is stopped, and costs no more.

Typst knows no time-out, and libraries that only documents need are no part of the core: so each
kind is drawn by a module that is run on its own, with JSON at its input and the file at its
output. It needs neither the database nor the settings.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

ERROR_SHOWN_MAX = 500


class DrawingError(Exception):
    """The document cannot be drawn; the message says why."""


def draw(
    module: str,
    sheets: Sequence[Mapping[str, Any]],
    title: str,
    *,
    timeout_s: float,
    secrets: Mapping[str, Any] | None = None,
) -> bytes:
    """What the module `module` of this package makes of `sheets`.

    `secrets`: what only this kind is told, as the certificates that sign it.

    Raises:
        DrawingError: it refuses, lacks a library, or takes longer than `timeout_s`.
    """
    given = json.dumps({"sheets": sheets, "title": title, "secrets": secrets or {}}).encode()
    command = [sys.executable, "-I", "-m", f"{__package__}.{module}"]
    try:
        done = subprocess.run(  # noqa: S603
            command, input=given, capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise DrawingError(f"It took longer than {timeout_s:g} s.") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        last = said[-1] if said else f"It ended with {done.returncode}."
        raise DrawingError(last[:ERROR_SHOWN_MAX])
    return done.stdout
