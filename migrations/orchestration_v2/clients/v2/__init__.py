"""The client of API version 2: teams, capacities and events, and less of it on a service of version 1."""
