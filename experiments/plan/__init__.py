"""What a plan says, worked out: sizes, audience, names of arms, and its canonical form."""
