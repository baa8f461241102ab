"""Release of openapi/ for other teams: specs in the versions that tools read, vectors, and archives of all files."""
