// Placeholder until the dashboard is there.
