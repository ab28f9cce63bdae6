"""The bell: rung in a process after each of its commits, for those who wait for news.

It says nothing but that there may be something new: what it is, the database says. So a ring that
nobody hears is no loss to whoever looks now and then by himself.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from backoffice_api.domain.kernel.database import Database

Listener = Callable[[], object]

_lock = threading.Lock()
_listeners: WeakKeyDictionary[Engine, tuple[Listener, ...]] = WeakKeyDictionary()


def ring(database: Database) -> None:
    """Tell all who listen in this process. They are called in this thread, and must not wait."""
    for listener in _listeners.get(database.writing, ()):
        listener()


def listen(database: Database, listener: Listener) -> Callable[[], None]:
    """Have `listener` called from now on. What is given back ends that."""
    door = database.writing
    with _lock:
        _listeners[door] = (*_listeners.get(door, ()), listener)

    def end() -> None:
        with _lock, suppress(ValueError):
            left = list(_listeners.get(door, ()))
            left.remove(listener)
            _listeners[door] = tuple(left)

    return end
