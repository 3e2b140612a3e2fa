"""What provokes messages: things right and wrong, ways to use them, and a case for every message."""
