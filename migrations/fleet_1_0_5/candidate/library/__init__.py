"""A folder for the path of programs that use the fleet as a library; it says nothing itself."""
