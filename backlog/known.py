"""What past experiments say about a lever: a register that other apps fill, read beside an idea.

`backlog` imports no app above it, so the app that knows experiments hands in a provider when it is
ready: `known.register(known_about)` with `(user, idea) → KnownBefore`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from backlog.models import Idea, User


@dataclass(frozen=True)
class KnownBefore:
    """A sentence, and the page that shows what is behind it; `url` is "" where there is nothing.

    `cited`: claims that the idea rests on, with their pages. `hidden`: how many more the reader can’t
    see.
    """

    sentence: str
    url: str = ""
    cited: tuple[tuple[str, str], ...] = ()
    hidden: int = 0


Provider = Callable[[User, Idea], KnownBefore]
providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Call `provider` wherever an idea is shown. Registering twice counts once."""
    if provider not in providers:
        providers.append(provider)


def known_about(user: User, idea: Idea) -> list[KnownBefore]:
    """What `user` may know about the lever of this idea. Scores play no part."""
    return [provider(user, idea) for provider in providers]
