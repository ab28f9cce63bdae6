"""Who may come in: staff, their sessions, API tokens, and what each may do."""
