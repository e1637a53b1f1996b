"""Past experiments in a spreadsheet: how their columns are headed, and what their cells say. Pure."""
