"""Trial of any spec: what would be made of it, what is told, and whether bodies of all kinds are read without loss."""
