"""Scanners and phones: what a code means, what a day of scans comes to, what is to be done."""
