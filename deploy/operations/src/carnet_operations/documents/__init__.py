"""The public documents that are made from the code: OpenAPI, AsyncAPI, and the JSON Schemas of the events."""
