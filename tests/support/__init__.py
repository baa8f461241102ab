"""Servers, samples and strategies that the tests share."""
