"""Check of each spec against its last release: the changes, who is affected, and the version they require."""
