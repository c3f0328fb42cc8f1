"""M8: what somebody has to do. Obligations now, packets later; what they are about is told by the apps above."""
