"""Other people's databases: their sealed addresses, and one read-only query at a time."""
