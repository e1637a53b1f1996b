"""What decided experiments teach: evidence, calibration, expected value, process; and merging of texts."""
