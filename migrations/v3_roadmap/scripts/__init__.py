"""The scripts of V2 as they lie in three applications, and what makes one of each; it starts no service."""
