"""What helps to test a provider: `conversas.testing.conformance`. It needs no test framework."""
