"""The sources root of the legacy orchestrators: put it on the path and import `app`."""
