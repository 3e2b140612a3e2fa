"""Recipe in, Plan out: nothing computed, everything checked."""
