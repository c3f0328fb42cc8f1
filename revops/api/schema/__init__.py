"""The OpenAPI description, made from the same declarations as the answers themselves."""
