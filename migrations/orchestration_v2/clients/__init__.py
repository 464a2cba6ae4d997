"""Clients as users wrote them, one for each version of the API; they share nothing with each other or with a service."""
