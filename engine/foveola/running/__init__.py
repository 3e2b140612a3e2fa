"""Plan in, results out: each step once, what is remembered not again."""
