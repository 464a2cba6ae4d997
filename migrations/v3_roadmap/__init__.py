"""The reference migration v3-roadmap: three applications and their scripts (V2) become one service on a stack of its own (V3)."""
