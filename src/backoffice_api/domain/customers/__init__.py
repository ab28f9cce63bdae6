"""Who buys: people and companies, with their addresses and tax ids."""
