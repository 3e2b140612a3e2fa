"""What kind of exam it is."""
