"""Joins layers, rules and physics to candidate sites, heat sites, summaries and a run folder."""
