""" "Plan my quarter": which experiments run in which weeks, why, and what else would be possible."""
