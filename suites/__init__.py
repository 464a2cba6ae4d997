"""The promises of a migration, one flat module each; a suite holds no helper, no loop and no decision of its own."""
