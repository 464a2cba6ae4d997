"""The router before both fleets: a share of users, to a tenth of a percent, and whole teams are served by the canary."""
