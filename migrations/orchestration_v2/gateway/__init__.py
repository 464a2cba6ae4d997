"""The runtime selector: one door for all users, behind which flags choose the side that serves a request."""
