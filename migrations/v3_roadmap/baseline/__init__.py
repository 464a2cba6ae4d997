"""V2: three applications with overlapping routes over one database, behind one door."""
