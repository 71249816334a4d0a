"""Programs for those who work on pawlens; none is installed."""
