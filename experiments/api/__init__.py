"""The JSON interface of this app: read viewsets and the flow verbs, the same flows as the pages."""
