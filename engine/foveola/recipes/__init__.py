"""Text in, Recipe out: the language, with the place of every value."""
