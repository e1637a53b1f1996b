"""Experiments on how people work: written, given units, started, measured, decided."""
