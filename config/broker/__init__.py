"""The embedded edition's message broker: one SQLite file, for the processes of one machine."""

from config.broker.transport import Transport

__all__ = ["Transport"]
