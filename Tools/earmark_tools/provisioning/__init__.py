"""Programs that Tools/check-provisioning runs, each by `python -m`."""
