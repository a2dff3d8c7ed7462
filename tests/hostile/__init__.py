"""Servers that misbehave in every way met so far, and the client run that must survive them."""
