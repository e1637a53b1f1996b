"""What was already tried: a register that other apps fill, read while an idea is typed.

`backlog` imports no app above it, so the app that knows experiments hands in a provider when it is
ready: `tried.register(tried_before)` with `(user, ideas) → list[Tried]`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backlog.models import User


@dataclass(frozen=True)
class Tried:
    """An experiment on something similar: `status` is a word of `{% experiment_status %}`,
    `verdict` a sentence.

    `likeness` is that of its idea to what was typed, 0 to 1; `is_imported`: it ran elsewhere.
    """

    key: str
    title: str
    url: str
    status: str
    verdict: str
    likeness: float
    is_imported: bool = False


# The ids of ideas, of any pod, with their likeness; the provider decides what `user` may see.
Provider = Callable[[User, Mapping[int, float]], list[Tried]]
providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Call `provider` whenever an idea is typed. Registering twice counts once."""
    if provider not in providers:
        providers.append(provider)


def tried_before(user: User, ideas: Mapping[int, float]) -> list[Tried]:
    """Experiments on these ideas that `user` may see, most similar first."""
    every = [tried for provider in providers for tried in provider(user, ideas)] if ideas else []
    return sorted(every, key=lambda tried: -tried.likeness)
