"""The calendar of a quarter as arithmetic: weeks, collisions, ledger, capacity, placing, and the solver."""
