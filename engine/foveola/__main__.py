"""`python -m foveola` is `foveola`."""

from foveola.surfaces.cli import main

main()
