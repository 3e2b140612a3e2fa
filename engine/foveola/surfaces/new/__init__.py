"""`foveola new`: packages to begin with."""
