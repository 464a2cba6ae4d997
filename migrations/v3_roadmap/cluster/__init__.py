"""Coordination nodes: processes that keep one state by Raft over mutual TLS, and a balancer before them."""
