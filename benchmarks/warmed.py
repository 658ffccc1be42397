"""Kernels compiled and loaded on import: for servers that fork what is measured or killed."""

from __future__ import annotations

from assessment.warm import warm_kernels

warm_kernels()
