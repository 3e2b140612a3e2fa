"""Disc, cup, rim and the nerve fibres round them."""
