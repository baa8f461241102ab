"""Made-up dialogues, independent of any provider's format."""
