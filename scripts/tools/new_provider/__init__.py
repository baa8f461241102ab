"""scripts/new-provider: the files of a new provider, as CONTRIBUTING.md describes them."""
