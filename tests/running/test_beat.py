"""The worker knows every task that runs by the clock."""

import subprocess
import sys

ASK = """
from config.celery import app
app.loader.import_default_modules()
print(sorted({row["task"] for row in app.conf.beat_schedule.values()} - app.tasks.keys()))
"""


def test_every_task_of_the_clock_is_registered():
    """This needs a process of its own, because here everything is imported already."""
    ran = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
