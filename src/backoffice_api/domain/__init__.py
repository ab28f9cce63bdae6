"""What is true: the business rules. Knows no GraphQL, no web and no asyncio."""
