"""Which events a trail records, and which detections are blind."""
