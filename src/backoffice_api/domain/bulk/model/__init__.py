"""Words and rules of bulk imports and exports, apart from any file and any database."""
