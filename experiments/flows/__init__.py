"""Steps of work: each is atomic, takes `by`, and is called alike by page, API, task and command."""
