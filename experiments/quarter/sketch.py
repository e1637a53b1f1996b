"""How many people two lists have in common, from sketches that hold no ids. Pure.

A sketch keeps the number of different ids and the smallest of their keyed hashes (bottom-k). Without the
key nobody can tell from a sketch who was in the list, nor try ids out. Lists of at most `K` ids are
compared exactly; larger ones with a range.
"""

import math
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

K: Final = 8192
WHOLE: Final = 2.0**64
HEAD: Final = struct.Struct("<4s8sdI")
MAGIC: Final = b"flo1"
Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class OverlapEstimate:
    """What two lists have in common.

    Args:
        first_in_second: share of the first list's ids that are in the second too; None for no ids.
        second_in_first: the same the other way round.
        both: how many ids are in both.
        low, high: its range; equal where it is exact.
        is_exact: whether both sketches hold every hash.
    """

    first_in_second: float | None
    second_in_first: float | None
    both: float
    low: float
    high: float
    is_exact: bool


def sketch_of(ids: Iterable[str], key: bytes) -> bytes:
    """The sketch of a list, at most 64 kB, to be kept instead of it.

    Args:
        ids: in any order, repeated or not; case and blanks around them do not matter.
        key: a secret of the workspace, 1 to 64 bytes. Only sketches of one key can be compared.

    Raises:
        ValueError: the key is empty or too long.

    >>> sketch_of(["a", "B "], b"secret") == sketch_of(["b", "A", "a"], b"secret")
    True
    """
    if not 1 <= len(key) <= 64:
        raise ValueError("the key of a sketch has 1 to 64 bytes")
    start = blake2b(digest_size=8, key=key)
    digests = bytearray()
    for one in ids:
        digest = start.copy()
        digest.update(one.strip().casefold().encode("utf-8", "surrogatepass"))
        digests += digest.digest()
    hashes = np.unique(np.frombuffer(bytes(digests), dtype="<u8"))
    return _packed(_mark(key), float(len(hashes)), hashes[:K])


def size_of_list(sketch: bytes) -> float:
    """How many different ids the list has: exact for one list, estimated for merged ones.

    >>> size_of_list(sketch_of(["a", "b", "a"], b"secret"))
    2.0
    """
    return _unpacked(sketch)[1]


def merge(first: bytes, second: bytes) -> bytes:
    """The sketch of both lists together.

    Raises:
        ValueError: they have different keys, or are not sketches.

    Source: the size of a union from its k smallest hashes is (k − 1) / the largest of them, Beyer et al.
    2007 SIGMOD eq. 2.

    >>> size_of_list(merge(sketch_of("ab", b"secret"), sketch_of("bc", b"secret")))
    3.0
    """
    mark, sizes, lists = _pair(first, second)
    is_whole = all(len(one) == size for one, size in zip(lists, sizes, strict=True))
    union = np.union1d(lists[0], lists[1])
    kept = union[:K]
    size = float(len(union))
    if not is_whole:
        size = max((len(kept) - 1) * WHOLE / float(kept[-1]), *sizes)
    return _packed(mark, size, kept)


def overlap_of(first: bytes, second: bytes, *, confidence: float = 0.95) -> OverlapEstimate:
    """What two lists have in common, from their sketches.

    Below the smaller of their largest hashes both sketches are complete, and hashes fall there at random.
    So the ids below it are a random sample of each list. The share of the smaller list's sample that is in
    both gives the estimate.

    Args:
        first, second: made with one key.
        confidence: of the range, 0 to 1.

    Raises:
        ValueError: they have different keys, or are not sketches.

    Source: bottom-k sketches, Cohen & Kaplan 2007 PODC; Wilson 1927 JASA 22:209 with the correction for
    samples from a finite list (Cochran 1977, Sampling Techniques, 2.6).

    >>> a, b = sketch_of("abcd", b"secret"), sketch_of("cdefgh", b"secret")
    >>> overlap_of(a, b)
    OverlapEstimate(first_in_second=0.5, second_in_first=0.333..., both=2.0, low=2.0, high=2.0, is_exact=True)
    """
    _, sizes, lists = _pair(first, second)
    edge = min(_edge(one, size) for one, size in zip(lists, sizes, strict=True))
    samples = [one if edge == WHOLE else one[one < edge] for one in lists]
    common = len(np.intersect1d(samples[0], samples[1], assume_unique=True))
    size = min(sizes)
    sample = float(np.mean([len(one) for one, n in zip(samples, sizes, strict=True) if n == size]))
    low, high = _wilson(common, sample, size, confidence)
    both = min(1.0, common / sample) * size if sample else 0.0
    return OverlapEstimate(
        first_in_second=both / sizes[0] if sizes[0] else None,
        second_in_first=both / sizes[1] if sizes[1] else None,
        both=both,
        low=low * size,
        high=high * size,
        is_exact=edge == WHOLE,
    )


def _wilson(hits: int, sample: float, size: float, confidence: float) -> tuple[float, float]:
    """The range of a share, from a sample without putting back."""
    if sample == 0:
        return 0.0, float(size > 0)
    share = min(1.0, hits / sample)
    if sample >= size:
        return share, share
    number = sample * (size - 1) / (size - sample)
    z = float(ndtri((1 + confidence) / 2))
    middle = (share + z * z / (2 * number)) / (1 + z * z / number)
    reach = z / (1 + z * z / number)
    reach *= math.sqrt(share * (1 - share) / number + (z / (2 * number)) ** 2)
    low = 0.0 if hits == 0 else min(share, middle - reach)
    return low, max(share, min(1.0, middle + reach))


def _edge(hashes: Hashes, size: float) -> float:
    """Up to where the sketch is complete."""
    return WHOLE if len(hashes) >= size or len(hashes) == 0 else float(hashes[-1])


def _pair(first: bytes, second: bytes) -> tuple[bytes, tuple[float, float], list[Hashes]]:
    (mark, size, hashes), (other_mark, other_size, others) = _unpacked(first), _unpacked(second)
    if mark != other_mark:
        raise ValueError("sketches of different keys cannot be compared")
    return mark, (size, other_size), [hashes, others]


def _mark(key: bytes) -> bytes:
    """Tells keys apart without giving one away."""
    return blake2b(b"sketch", digest_size=8, key=key).digest()


def _packed(mark: bytes, size: float, hashes: Hashes) -> bytes:
    return HEAD.pack(MAGIC, mark, size, len(hashes)) + hashes.astype("<u8").tobytes()


def _unpacked(sketch: bytes) -> tuple[bytes, float, Hashes]:
    if len(sketch) < HEAD.size or not sketch.startswith(MAGIC):
        raise ValueError("this is not a sketch")
    _, mark, size, count = HEAD.unpack_from(sketch)
    if len(sketch) != HEAD.size + 8 * count:
        raise ValueError("this sketch is damaged")
    return mark, size, np.frombuffer(sketch, dtype="<u8", offset=HEAD.size).astype(np.uint64)
