"""Compare two settings: what a change does to detections and controls."""
