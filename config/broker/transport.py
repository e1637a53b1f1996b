"""What kombu, and so Celery, asks of a broker, answered from the file of `store`."""

import logging
import sqlite3
import time
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import OperationalError
from kombu.transport import virtual
from kombu.utils.json import dumps, loads

from config.broker.store import MOST_CLAIMS, Claimed, Store

logger = logging.getLogger("floe.broker")
TROUBLE = (sqlite3.Error, OSError)
LOOKS_FOR_THE_GONE = 2.0  # seconds between two looks at who holds messages
SAYS_AGAIN = 60.0
WAITS = 1.0

_held: set[int] = set()
"""What the channels of this process have in hand."""


class QoS(virtual.QoS):  # type: ignore[misc]
    def ack(self, delivery_tag: str) -> None:
        self.channel.let_go(delivery_tag)
        super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if not requeue:
            self.channel.let_go(delivery_tag)
        super().reject(delivery_tag, requeue)


class Channel(virtual.Channel):  # type: ignore[misc]
    """Claims a message while it is being worked on, and gives back what was not begun."""

    QoS = QoS

    def __init__(self, connection: Any, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        self._store = Store(Path(connection.client.transport_options["file"]))
        self._at_most_once: set[str] = set()
        self._done: set[int] = set()
        self._looked_at = self._said_at = float("-inf")

    def basic_consume(self, queue: str, no_ack: bool, *args: Any, **kwargs: Any) -> Any:
        if no_ack:
            self._at_most_once.add(queue)
        return super().basic_consume(queue, no_ack, *args, **kwargs)

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> Any:
        message = super().basic_get(queue, no_ack, **kwargs)
        if no_ack and message is not None:
            self.let_go(message.delivery_tag)
        return message

    def let_go(self, delivery_tag: str) -> None:
        """The message is done. What can't be written now, on a full disk, is written later."""
        _held.discard(int(delivery_tag))
        self._done.add(int(delivery_tag))
        try:
            self._forget_done()
        except TROUBLE as trouble:
            self._say(trouble)

    def _forget_done(self) -> None:
        while self._done:
            pk = self._done.pop()
            try:
                self._store.done(pk)
            except TROUBLE:
                self._done.add(pk)
                raise

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        try:
            self._store.put(queue, dumps(message))
        except TROUBLE as trouble:
            raise OperationalError(f"The message could not be stored: {trouble}") from trouble

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        """The next message that can be read. Trouble with the file is said, never raised."""
        try:
            self._forget_done()
            self._take_back()
            while (claimed := self._store.claim(queue)) is not None:
                payload = self._read(claimed)
                if payload is None:
                    continue
                if queue in self._at_most_once:
                    self._store.done(claimed.id)
                else:
                    _held.add(claimed.id)
                return payload
        except TROUBLE as trouble:
            self._say(trouble)
            time.sleep(WAITS)
        raise Empty

    def _get_and_deliver(self, queue: str, callback: Any) -> None:
        """A message on which the worker's own code fails is set aside, and the worker goes on."""
        message = self._get(queue)
        try:
            callback(message, queue)
        except Exception as problem:
            logger.exception("A worker failed on a message.")
            tag = message["properties"]["delivery_tag"]
            _held.discard(int(tag))
            virtual.QoS.ack(self.qos, tag)
            self._put_aside(int(tag), f"a worker failed, {type(problem).__name__}: {problem}")

    def _read(self, claimed: Claimed) -> dict[str, Any] | None:
        """The payload, or None if it is unusable. It is then set aside."""
        why = f"{MOST_CLAIMS} workers died while handling it"
        if claimed.claims <= MOST_CLAIMS:
            try:
                payload: dict[str, Any] = loads(claimed.payload)
                payload["properties"]["delivery_tag"] = str(claimed.id)
                self.Message(payload, channel=self)  # whatever it trips over, it does so here
            except Exception as problem:
                why = f"it can't be read, {type(problem).__name__}: {problem}"
            else:
                return payload
        self._put_aside(claimed.id, why)
        return None

    def _put_aside(self, pk: int, why: str) -> None:
        try:
            self._store.put_aside(pk, why)
            logger.error("Message %s was set aside: %s.", pk, why)
        except TROUBLE as trouble:  # it is claimed and not in hand, so it comes again
            self._say(trouble)

    def _take_back(self) -> None:
        if time.monotonic() - self._looked_at > LOOKS_FOR_THE_GONE:
            self._looked_at = time.monotonic()
            if given := self._store.take_back(_held | self._done):
                logger.warning("%s of a dead worker will be handled again.", _counted(given))

    def _restore(self, message: Any) -> None:
        pk = int(message.delivery_tag)
        _held.discard(pk)
        if pk not in self._done:
            self._store.give_back(pk)

    def _say(self, trouble: Exception) -> None:
        if time.monotonic() - self._said_at > SAYS_AGAIN:
            self._said_at = time.monotonic()
            logger.error("The broker %s can't be used: %s.", self._store.path, trouble)

    def _size(self, queue: str) -> int:
        return self._store.size(queue)

    def _purge(self, queue: str) -> int:
        return self._store.purge(queue)

    def _delete(self, queue: str, *args: Any, **kwargs: Any) -> None:
        self._purge(queue)

    def check_writable(self) -> None:
        """Raise what a message would meet."""
        self._store.check_writable()

    def close(self) -> None:
        super().close()
        self._store.close()


class Transport(virtual.Transport):  # type: ignore[misc]
    Channel = Channel

    driver_type = "sqlite"
    driver_name = "sqlite3"

    def driver_version(self) -> str:
        return sqlite3.sqlite_version


def _counted(messages: int) -> str:
    return "1 message" if messages == 1 else f"{messages} messages"
