"""What needs somebody, and what runs: a register that other apps fill, read by Today.

`backlog` imports no app above it, so an app hands in its providers when it is ready:

    agenda.register(experiments_waiting_for)       # (user) → list[AgendaItem]
    agenda.register_running(experiments_running)   # (user) → list[RunningItem]
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from backlog.models import User


@dataclass(frozen=True)
class AgendaItem:
    """One thing that waits for one person.

    `due_on` is the day it should be done by (None: whenever there is time), `action` the verb on
    its button, `icon` a name for `{% icon %}`.
    """

    due_on: dt.date | None
    title: str
    sentence: str
    url: str
    action: str
    icon: str = "e-due"


@dataclass(frozen=True)
class RunningItem:
    """One thing that a pod runs: on `day` of `days` (1 is the first).

    `status` is a word of `{% experiment_status %}` ("running", "veiled", "analysing"), `health` a
    few words, warned of where `is_warning`, `comes_next` what happens next and when.
    """

    title: str
    url: str
    pod: str
    status: str
    day: int
    days: int
    health: str = ""
    is_warning: bool = False
    comes_next: str = ""


Provider = Callable[[User], list[AgendaItem]]
RunningProvider = Callable[[User], list[RunningItem]]
providers: list[Provider] = []
running_providers: list[RunningProvider] = []


def register(provider: Provider) -> None:
    """Call `provider` whenever Today is shown. Registering twice counts once."""
    if provider not in providers:
        providers.append(provider)


def register_running(provider: RunningProvider) -> None:
    if provider not in running_providers:
        running_providers.append(provider)


def waiting_for(user: User) -> list[AgendaItem]:
    """Everything from the other apps that waits for `user`."""
    return [item for provider in providers for item in provider(user)]


def running_for(user: User) -> list[RunningItem]:
    return [item for provider in running_providers for item in provider(user)]
