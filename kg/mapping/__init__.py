"""Study and links → statements. One mapping; files, stores and graphs all take the same N-Triples text."""
