"""The calendar page, built from parts: its range, its lanes, its load, its pairs, its tray."""
