"""Counts and stages."""
