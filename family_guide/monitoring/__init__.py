"""What an operator sees of a running process: metrics, health, readiness, and a line for each request."""
