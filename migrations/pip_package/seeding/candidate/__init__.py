"""Put on the path of a process of the candidate, it seeds the defect that the environment names."""
