"""Many conversations into a folder: exported, verified, told about. `conversas.export` is the way in."""
