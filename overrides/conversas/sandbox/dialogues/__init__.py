"""Made-up dialogues, before a provider gives them a form."""
