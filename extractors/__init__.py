"""Bytes to records: fetch is the one network door in; everything else is pure."""
