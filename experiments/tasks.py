"""The Celery tasks of this app, where Celery looks for them; each is a flow."""

from experiments.flows.analysing import analyse, analyse_left_behind
from experiments.flows.nightly import check_running, read_again

__all__ = ["analyse", "analyse_left_behind", "check_running", "read_again"]
