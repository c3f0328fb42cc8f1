"""What the palette offers: where to go, what to make, what may be done with the record on the page."""
