"""Circles about the fovea."""
