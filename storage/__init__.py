"""The only code that opens the frontier, the landing folder, the corpus and the reading room."""
