"""How scores become a prediction."""
