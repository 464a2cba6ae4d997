"""What the users of both sides call: the command client."""
