"""Credit of touch models: read from a table, counted, undone, held against experiments."""
