"""Approvals: what comes to more than a limit takes two people, whatever it is."""
