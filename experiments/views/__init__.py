"""Pages: HTTP in, a flow or a query, a template out."""
