"""Programs that were written for 1.0.4 and that nobody has touched since."""
