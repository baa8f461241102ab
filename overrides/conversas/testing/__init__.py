"""Tests for providers: `conversas.testing.conformance`. They need no test framework."""
