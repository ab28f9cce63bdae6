"""What can be done with carriers, shipments and labels."""
