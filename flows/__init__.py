"""What runs: steps as plain functions, Prefect wrappers around them, and the command line."""
