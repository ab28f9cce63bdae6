"""Media: pictures and papers of products, kept as files outside the database."""
