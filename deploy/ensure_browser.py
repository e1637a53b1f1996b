"""Make sure that the browser tests find Chromium: install it, or say in a sentence why not."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def installed_browser() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def main() -> None:
    if installed_browser():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium from the system's packages …")
        quiet = {
            "stdout": subprocess.DEVNULL,
            "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        }
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False, **quiet)
        if installed_browser():
            return
    print("Installing Chromium with Playwright …")
    installer = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(installer, check=False).returncode:
        sys.exit(
            "The browser tests need Chromium, and it could not be installed here. Install the "
            "package “chromium” of your system, then run make test again."
        )


if __name__ == "__main__":
    main()
