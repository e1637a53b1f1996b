"""The Celery tasks of this app, where Celery looks for them; each is a flow."""

from experiments.flows.analysing import analyse, analyse_left_behind
from experiments.flows.connecting import bring_in_due, bring_in_feed
from experiments.flows.health.signs import look_for_signs
from experiments.flows.health.valuing import read_claims_again, value_new_ideas
from experiments.flows.nightly import check_running, read_again
from experiments.flows.quarter.scenarios import solve_left_behind, solve_scenario
from experiments.flows.reading_files import read_file, read_left_behind
from experiments.flows.writing_up_opening import remind_of_post_mortems

__all__ = [
    "analyse",
    "analyse_left_behind",
    "bring_in_due",
    "bring_in_feed",
    "check_running",
    "look_for_signs",
    "read_again",
    "read_claims_again",
    "read_file",
    "read_left_behind",
    "remind_of_post_mortems",
    "solve_left_behind",
    "solve_scenario",
    "value_new_ideas",
]
