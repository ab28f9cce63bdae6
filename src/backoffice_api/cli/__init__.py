"""The command `backoffice`: a group of commands a file."""
