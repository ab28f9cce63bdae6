"""Words of scanning: codes, devices, scans, tasks."""
