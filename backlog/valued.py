"""What the expected value of an idea is made of, in words: a register that other apps fill.

`backlog` imports no app above it, so the app that knows experiments hands in a provider when it is
ready: `valued.register(value_words)` with `idea → list of sentences`.
"""

from collections.abc import Callable

from backlog.models import Idea

Provider = Callable[[Idea], list[str]]
providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Call `provider` where an idea with an expected value is shown. Registering twice counts once."""
    if provider not in providers:
        providers.append(provider)


def value_words(idea: Idea) -> list[str]:
    """Nothing while the idea is blind, or has no expected value."""
    if idea.is_blind or idea.expected_value is None:
        return []
    return [sentence for provider in providers for sentence in provider(idea)]
