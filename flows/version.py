"""Which code this is: stored with every batch, evaluation and alert."""

from importlib.metadata import version

CODE_VERSION = version("tensionwatch")
