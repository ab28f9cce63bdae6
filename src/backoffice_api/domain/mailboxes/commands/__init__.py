"""What is done with mailboxes, with what they receive and with what is sent."""
