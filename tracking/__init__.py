"""Targets, the ledger of projects, progress, the plan that reaches the target."""
