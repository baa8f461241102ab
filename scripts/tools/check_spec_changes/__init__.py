"""Check of each spec against its last release: the changes, whom they affect, and the version that they require."""
