"""Programs that were brought to 1.0.5: by the codemod, or by hand for what is new."""
