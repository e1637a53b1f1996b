"""What must end before what starts: circles, and an order in which all can be placed. Pure."""

from collections.abc import Iterable, Mapping


def circle_in(after: Mapping[int, Iterable[int]]) -> tuple[int, ...]:
    """The first circle, from its smallest key; empty where there is none.

    Args:
        after: key → keys that must end before it starts.

    >>> circle_in({3: [1], 1: [2], 2: [3]}), circle_in({3: [1], 1: [2]}), circle_in({1: [1]})
    ((1, 2, 3), (), (1,))
    """
    done: set[int] = set()
    for start in sorted(after):
        path: list[int] = []
        stack = [(start, False)]
        while stack:
            key, is_left = stack.pop()
            if is_left:
                done.add(path.pop())
            elif key in path:
                circle = path[path.index(key) :]
                low = circle.index(min(circle))
                return (*circle[low:], *circle[:low])
            elif key not in done:
                path.append(key)
                stack.append((key, True))
                stack += [(other, False) for other in sorted(after.get(key, ()), reverse=True)]
    return ()


def in_turn(after: Mapping[int, Iterable[int]]) -> list[int]:
    """All keys, each behind those that it must wait for; in order of keys where nothing else decides.

    Raises:
        ValueError: there is a circle.

    >>> in_turn({1: [3], 2: [], 3: []})
    [2, 3, 1]
    """
    waiting = {key: {other for other in others if other in after} for key, others in after.items()}
    order: list[int] = []
    while waiting:
        free = sorted(key for key, others in waiting.items() if not others)
        if not free:
            raise ValueError("these depend on each other in a circle")
        order += free
        waiting = {
            key: others.difference(free) for key, others in waiting.items() if key not in free
        }
    return order
