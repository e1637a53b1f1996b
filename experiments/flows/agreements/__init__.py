"""Agreements with stakeholders and technical partners: written in versions, asked where they bite."""

from experiments.flows.agreements.due import Looked, agreements_due, agreements_looked_at
from experiments.flows.agreements.terms import (
    AgreementDeadline,
    contact_rules_for,
    deadlines_of_agreements,
    final_edit_day,
    share_limit,
    share_of,
)
from experiments.flows.agreements.writing import record_drill, require_for, save_agreement

__all__ = [
    "AgreementDeadline",
    "Looked",
    "agreements_due",
    "agreements_looked_at",
    "contact_rules_for",
    "deadlines_of_agreements",
    "final_edit_day",
    "record_drill",
    "require_for",
    "save_agreement",
    "share_limit",
    "share_of",
]
