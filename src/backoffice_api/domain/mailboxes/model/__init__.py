"""Words and rules of mailboxes, of what they receive and of what is sent."""
