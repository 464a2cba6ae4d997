"""The fleet of version 1.0.5: a model for each task by its complexity, costs under a budget, and answers as they come."""
