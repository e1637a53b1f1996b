"""The Celery tasks of this app, where Celery looks for them; each is a flow."""

from experiments.flows.analysing import analyse, analyse_left_behind

__all__ = ["analyse", "analyse_left_behind"]
