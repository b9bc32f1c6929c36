"""The closed loop of annotation: learn from corrections, and show what that changed."""
