"""One module for each provider that the sandbox plays."""
