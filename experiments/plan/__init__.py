"""What a plan says, worked out: sizes, dates, audience, names of arms, and its canonical form."""
