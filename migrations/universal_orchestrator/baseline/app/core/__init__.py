"""Ten orchestrators of ten call styles; each stands alone and none knows another."""
