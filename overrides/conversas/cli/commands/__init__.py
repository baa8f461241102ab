"""Commands, each in a module with the name of the command."""
