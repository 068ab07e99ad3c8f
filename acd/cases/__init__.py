"""What is owed to customers between their calls: nouns and tables of moves, pure; never where they are kept."""
