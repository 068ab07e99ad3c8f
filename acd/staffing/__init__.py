"""How many agents it takes: two formulas and a played day for what is expected; rings nobody."""
