"""The steps of a pass as plain functions: read what is pending, call pure code, save. No Prefect here."""
