"""Rasa components of the pipeline, one to a file."""
