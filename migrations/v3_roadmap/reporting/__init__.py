"""The reports of the roadmap: 13 figures against their targets, 20 boxes of five report cards, a weekly and a monthly review."""
