"""Bundled watches: data only."""
