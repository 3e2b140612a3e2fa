"""Vessels seen from the front."""
