"""Where people meet the engine: Python, the command line, and descriptions of what is installed."""
