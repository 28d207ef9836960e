"""How a message is read: its words, clauses, verbs and nouns, and the concepts that they stand for."""
