"""The sample workspace: a believable newspaper, made by the same flows that people use.

Deterministic for a given day. Every pod, person and quarter of it is marked `is_sample`.
"""
