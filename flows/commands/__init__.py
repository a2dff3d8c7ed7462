"""The commands, one module for each kind; flows.cli imports them when they are called."""
