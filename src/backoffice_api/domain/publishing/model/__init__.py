"""What publishing is: publications, and the rules of readiness."""
