"""The HTTP API: endpoint, identity, schemas, errors and the OpenAPI document."""
