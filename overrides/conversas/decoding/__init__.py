"""From the bytes of a body to a record: JSON, validation against the spec, drift."""
