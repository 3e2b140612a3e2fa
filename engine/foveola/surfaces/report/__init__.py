"""What people look at: a page for an exam, one for many, two results compared, a plan as a picture.

Knows no eye: what values look like is asked of plugins (`foveola_picture`); what nobody draws is a table.
"""
