"""En-face maps from what was drawn on B-scans."""
