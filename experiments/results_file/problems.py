"""What can be wrong with a file as a whole: the same for every table that is read."""

from backlog.tables.problems import FileProblem, listed

__all__ = ["FileProblem", "listed"]
