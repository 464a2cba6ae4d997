"""V3: one service with all coordination commands, a store, a cache, metrics, traces and a dashboard."""
