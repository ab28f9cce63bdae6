"""Words and rules of seals."""
