"""One program for each legacy call style; they run unchanged on both sides and print what they see."""
