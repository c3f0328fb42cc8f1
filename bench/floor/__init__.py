"""The floor: what Django and DRF cost by themselves, with our middleware, our sign-in and our rows."""
