"""The books: accounts, journal entries that always balance, periods, rates."""
