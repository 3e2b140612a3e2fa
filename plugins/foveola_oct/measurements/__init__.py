"""Lengths, areas and volumes of lesions."""
