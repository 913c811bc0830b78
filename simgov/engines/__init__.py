"""Engines: a plan and its draws in, a journal out."""
