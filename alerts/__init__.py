"""Counts to messages: detect, decide, summarise and render are pure; deliver is the one network door out."""
