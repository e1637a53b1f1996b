"""From a sealed plan and its observations to a result: no Django, no database, no clock."""
