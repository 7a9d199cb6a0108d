"""Files in: schemes and measurements."""

from assessments.imports.measurements import MeasurementRow, read_measurements, row_of
from assessments.imports.schemes import read_scheme

__all__ = ["MeasurementRow", "read_measurements", "read_scheme", "row_of"]
