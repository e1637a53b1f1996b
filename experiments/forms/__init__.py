"""What people type in, checked before a flow sees it."""
