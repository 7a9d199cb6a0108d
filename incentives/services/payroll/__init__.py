"""Payroll batches: built by one person, approved by another, exported byte for byte."""

from incentives.services.payroll.batches import (
    acknowledge,
    approve,
    build,
    close,
    reject,
    validate,
)
from incentives.services.payroll.checks import verify
from incentives.services.payroll.workbooks import (
    current,
    deliver,
    exportable,
    generate,
    stored_bytes,
)

__all__ = [
    "acknowledge",
    "approve",
    "build",
    "close",
    "current",
    "deliver",
    "exportable",
    "generate",
    "reject",
    "stored_bytes",
    "validate",
    "verify",
]
