"""Planning a quarter: what the rules need to know, placing tests, taking a move back."""
