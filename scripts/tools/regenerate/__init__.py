"""Generation of the clients in generated/ from the specs in openapi/."""
