"""What every context stands on: money, ids, rows, states, events, transactions."""
