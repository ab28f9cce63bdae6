"""The thread that tells other processes of commits, and how it ends."""

import threading
from collections.abc import Callable

import pytest

from backoffice_api.domain.kernel.database import Database
from backoffice_api.live.notifications import Notifier


class ToldMeanwhile(threading.Event):
    """Told to stop in the moment between the look at it and what follows from it."""

    def __init__(self, rung: threading.Event) -> None:
        super().__init__()
        self._rung = rung

    def wait(self, timeout: float | None = None) -> bool:
        if self.is_set():
            return True
        self.set()
        self._rung.set()
        return False


class TestNotifier:
    def test_ends_though_it_was_about_to_notify(
        self,
        postgres_url: str,
        opens: Callable[..., Database],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        notifier = Notifier(opens(postgres_url))
        monkeypatch.setattr(notifier, "_stopping", ToldMeanwhile(notifier._rung))
        notifier.start()

        notifier._rung.set()
        notifier._thread.join(5)

        assert not notifier._thread.is_alive()
