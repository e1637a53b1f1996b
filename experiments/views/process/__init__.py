"""The page Health: how work flows, what goes wrong, and how well scores foretell results."""
