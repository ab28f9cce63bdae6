"""The work of bulk imports and exports: between the files and the commands, in slices."""
