"""M5: clocks that run over business hours towards a target; what they measured is a ledger."""
