"""Words and rules of taxes."""
