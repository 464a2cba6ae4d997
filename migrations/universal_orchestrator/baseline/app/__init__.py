"""The application with its legacy orchestrators."""
