"""The root of the clone, as it is released; installations are made of it by the tools."""
