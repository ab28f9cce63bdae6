"""What custom fields are: definitions, values, patterns."""
