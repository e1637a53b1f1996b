import sys
from pathlib import Path

from tests.corpus import FILES

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        (folder / name).write_bytes(data := make())
        print(f"{len(data):>12,}  {name}")  # noqa: T201  (what it is for)
