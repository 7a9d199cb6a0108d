"""Files in: policies (JSON) and jurisdictions (CSV, XLSX), checked whole before use."""
