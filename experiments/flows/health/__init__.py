"""How well scores foretell results, how work flows, and what is going wrong: of pods, never of persons."""
