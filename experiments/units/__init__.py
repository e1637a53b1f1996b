"""Who is in which arm: assignment by hash, lists of ids, and outcomes joined to them."""
