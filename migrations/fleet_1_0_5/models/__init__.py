"""The stub of the model API that both versions call: the same answer to the same prompt, whichever model gives it."""
