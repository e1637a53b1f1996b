"""What the experiments app hands in to the backlog, which never imports it."""
