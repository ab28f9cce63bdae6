"""Stock: where things lie, how many there are, how many are promised, and how it came about."""
