"""What reading is measured by, beside the benchmark."""
