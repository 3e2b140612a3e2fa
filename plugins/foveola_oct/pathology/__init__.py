"""Lesions in relation to the fovea."""
