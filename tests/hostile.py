"""What a parser may do that a stranger's file has got hold of; run by `backlog.quarantine` only."""

import os
import time
from pathlib import Path

from backlog.file_kinds import Unreadable


def say(word: str) -> str:
    return word


def environment() -> dict[str, str]:
    return dict(os.environ)


def swell() -> int:
    return len(bytearray(4 << 30))


def run_on() -> None:
    while True:
        pass


def sleep() -> None:
    time.sleep(600)


def die() -> None:
    os.abort()


def fill(path: str) -> None:
    with Path(path).open("wb") as file:
        while True:
            file.write(bytes(1 << 20))


def talk() -> str:
    return "x" * (2 << 20)


def print_and_raise() -> None:
    print("this is not an answer")  # noqa: T201
    raise LookupError("a fault of ours, or a file that nobody thought of")


def refuse() -> None:
    raise Unreadable("Row 7 is odd.")
