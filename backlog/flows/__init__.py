"""Steps of work. Each is atomic, takes `by`, and is the same for pages, API, tasks and commands."""
