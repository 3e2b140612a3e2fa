"""Inner retina: halves, quadrants, asymmetry, stage."""
