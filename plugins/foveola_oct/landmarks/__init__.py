"""Fovea and optic nerve head: where they are."""
