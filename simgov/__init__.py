"""Discrete-event simulation of grid governance (网格化治理)."""
