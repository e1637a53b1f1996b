"""Cuts the typeface down to the letters that Floe shows: one variable file of about 70 kB."""

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

# Latin with its extensions, punctuation, arrows and the signs of numbers.
LETTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *(0x18F, 0x1A0, 0x1A1, 0x1AF, 0x1B0, 0x218, 0x219, 0x21A, 0x21B, 0x2C6, 0x2DA, 0x2DC),
    *range(0x1EA0, 0x1EFA),
    *range(0x2010, 0x2028),
    *(0x202F, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x2044, 0x20AC, 0x2116, 0x2122),
    *(0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x00D7, 0x00F7),
    *(0x25AC, 0x25B2, 0x25BC, 0x2713),
]
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "calt", "tnum", "case"]


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        target = Path(settings.VAR_DIR) / "assets" / "fonts" / "inter-latin.woff2"
        with as_file(files("fontpkg_inter") / "files" / "Inter[opsz,wght].ttf") as source:
            if target.exists() and target.stat().st_mtime >= max(
                source.stat().st_mtime, Path(__file__).stat().st_mtime
            ):
                self.stdout.write("The typeface is up to date.")
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            self._cut(source, target)
        self.stdout.write(f"The typeface is cut: {target.stat().st_size // 1024} kB.")

    def _cut(self, source: Path, target: Path) -> None:
        from fontTools import subset  # noqa: PLC0415  (takes a second, and most starts need it not)

        options = subset.Options(
            flavor="woff2", layout_features=FEATURES, desubroutinize=True, notdef_outline=True
        )
        font = subset.load_font(str(source), options)
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=LETTERS)
        cutter.subset(font)
        part = target.with_suffix(".part")
        subset.save_font(font, str(part), options)
        part.replace(target)
