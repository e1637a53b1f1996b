"""A stranger's image is decoded and written again as PNG, JPEG or WebP. Pure.

The new file holds pixels and nothing else: no place, no camera, no comment, no second format
behind the first one. Run it through `backlog.quarantine`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageOps, UnidentifiedImageError

from backlog.file_kinds import HEAD, Unreadable, kind_of

READ: Final = ("PNG", "JPEG", "WEBP", "GIF")
TAKEN: Final = "Floe takes PNG, JPEG, WebP and GIF."
WRITTEN: Final = {"JPEG": "jpeg", "WEBP": "webp", "PNG": "png", "GIF": "png"}
MOST_PIXELS: Final = 40_000_000
WIDEST: Final = 3000  # pixels of the longer side of what is kept
UNREADABLE: Final = "This image can’t be read. It is damaged or not complete. Save it again as PNG."
SVG: Final = f"This is an SVG picture, which can hold scripts. {TAKEN} Export it as PNG."


def rewritten(path: str, target: str) -> dict[str, Any]:
    """Write the image at `path` again to `target`, upright and at most 3,000 pixels wide or high.

    An animation keeps its first image only.

    Args:
        path: a file of anybody, whatever its name says.
        target: where the new file goes.

    Returns:
        `kind` ("png", "jpeg" or "webp"), `width` and `height` in pixels, and `was_moving`.

    Raises:
        Unreadable: it is not an image of a kind that is taken, is damaged, or has too many pixels.
    """
    with Path(path).open("rb") as file:
        head = file.read(HEAD)
    try:
        with Image.open(path, formats=READ) as opened:
            _require_few_pixels(*opened.size)
            kind, was_moving = WRITTEN[opened.format or ""], getattr(opened, "n_frames", 1) > 1
            plain = _pixels_of(opened, is_opaque=kind == "jpeg")
        plain.save(target, format=kind.upper(), quality=88)
    except Unreadable:
        raise
    except UnidentifiedImageError:
        raise Unreadable(_what_it_is(head)) from None
    except Image.DecompressionBombError:
        raise Unreadable(_too_many("more than 100")) from None
    except Exception as error:  # a decoder meets what it was not made for in many ways
        raise Unreadable(UNREADABLE) from error
    return {"kind": kind, "width": plain.width, "height": plain.height, "was_moving": was_moving}


def _require_few_pixels(width: int, height: int) -> None:
    """By the header, before anything is decoded."""
    if width * height > MOST_PIXELS:
        raise Unreadable(_too_many(f"{width:,} × {height:,} pixels, {width * height / 1e6:,.0f}"))


def _too_many(what: str) -> str:
    return (
        f"This image has {what} megapixels; images up to {MOST_PIXELS // 1_000_000} megapixels are "
        "taken. Make it smaller, or cut out the part that matters."
    )


def _pixels_of(opened: Image.Image, *, is_opaque: bool) -> Image.Image:
    """The first image, turned upright and made smaller where it is large, without anything else."""
    opened.seek(0)
    upright = ImageOps.exif_transpose(opened)
    has_alpha = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    pixels = upright.convert("RGBA" if has_alpha and not is_opaque else "RGB")
    pixels.thumbnail((WIDEST, WIDEST))
    plain = Image.new(pixels.mode, pixels.size)
    plain.paste(pixels)
    return plain


def _what_it_is(head: bytes) -> str:
    kind = kind_of(head)
    if kind is None:
        return f"This is not an image. {TAKEN}"
    return SVG if kind.code == "svg" else f"This is {kind.name}. {TAKEN}"
