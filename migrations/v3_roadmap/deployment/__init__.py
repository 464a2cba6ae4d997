"""Brings a release out: staging first, blue-green with split traffic, a schema that changes meanwhile, and the way back."""
