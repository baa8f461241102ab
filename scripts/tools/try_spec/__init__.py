"""Trial of any spec: what would be generated, what is not supported, and whether bodies are read without loss."""
